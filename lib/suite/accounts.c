// SPDX-License-Identifier: MIT
#include "suite/accounts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/hooks.h"
#include "oracle/ledger.h"
#include "suite/balance.h"
#include "suite/census.h"

/* Subtests do not nest, and a dynamic subtest only in a subtest: one ledger for each depth. */
enum depth {
	DEPTH_REPORT,  /* around the process of the subtest */
	DEPTH_SUBTEST, /* in it */
	DEPTH_DYNAMIC,
	DEPTHS,
};

struct accounts {
	struct igt_subtest_observer observer;
	bool body_ran_here; /* the subtest had no process of its own */
	bool left_early;    /* a body of this process did not come to its end */
	struct ledger *before[DEPTHS];
	struct suite_census *census;
	struct count counted[DEPTHS][COUNT_NR_KINDS];
};

static void open_account(struct accounts *accounts, enum depth depth)
{
	ledger_free(accounts->before[depth]);
	accounts->before[depth] = NULL;
	accounts->before[depth] = balance_take();
	suite_census_look(accounts->census, accounts->counted[depth]);
}

static void fail_for_leaks(const struct ledger_diff *diff, struct igt_verdict *verdict)
{
	char line[256];

	for (size_t i = 0; i < diff->nr_changes; i++) {
		const struct ledger_change *change = &diff->changes[i];

		if (!ledger_change_is(change, LEDGER_OURS))
			continue;
		ledger_change_text(change, line, sizeof(line));
		igt_verdict_fail(verdict, "leak: %s", line);
	}
}

static void tell_doubtful(const struct ledger_diff *diff)
{
	char line[256];

	for (size_t i = 0; i < diff->nr_changes; i++) {
		const struct ledger_change *change = &diff->changes[i];

		if (!ledger_change_is(change, LEDGER_UNATTRIBUTED))
			continue;
		ledger_change_text(change, line, sizeof(line));
		igt_info("left, and perhaps not ours: %s\n", line);
	}
}

static void close_account(struct accounts *accounts, enum depth depth, struct igt_verdict *verdict)
{
	struct ledger_diff *diff;
	int ret;

	if (!accounts->before[depth])
		return;
	ret = ledger_settle(accounts->before[depth], LEDGER_SETTLE_MS, &diff);
	igt_assert_f(ret == 0, "cannot compare the ledgers: %s\n", strerror(-ret));
	if (diff->leaks)
		fail_for_leaks(diff, verdict);
	tell_doubtful(diff);
	for (int i = 0; i < LEDGER_NR_SOURCES; i++)
		if (!diff->before[i].err && diff->after[i].err)
			igt_verdict_fail(verdict, "accounts: %s can no longer be read: %s",
					 ledger_source_name(i), strerror(-diff->after[i].err));
	ledger_diff_free(diff);
	suite_census_judge(accounts->census, accounts->counted[depth],
			   accounts->before[depth]->taken_us, verdict);
	ledger_free(accounts->before[depth]);
	accounts->before[depth] = NULL;
}

static enum depth depth_of(const struct igt_subtest_info *info)
{
	return info->dynamic ? DEPTH_DYNAMIC : DEPTH_SUBTEST;
}

static void prepare(const struct igt_subtest_info *info, void *data)
{
	struct accounts *accounts = data;

	accounts->left_early = false;
	open_account(accounts, DEPTH_REPORT);
}

static void before(const struct igt_subtest_info *info, void *data)
{
	struct accounts *accounts = data;

	accounts->body_ran_here = true;
	open_account(accounts, depth_of(info));
}

/*
 * A body that failed or skipped left at once: what it had open then is no leak of the kernel's. The
 * account that is kept around the process still catches what outlives that.
 */
static void after(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	struct accounts *accounts = data;

	bool early = igt_verdict_result(verdict) != IGT_RESULT_SUCCESS;

	accounts->left_early |= early;
	if (info->dynamic ? !early : !accounts->left_early)
		close_account(accounts, depth_of(info), verdict);
}

static void settle(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	struct accounts *accounts = data;

	if (!accounts->body_ran_here || !accounts->left_early)
		close_account(accounts, DEPTH_REPORT, verdict);
}

static void tell_sources(const struct ledger *ledger)
{
	char read[200] = "", missing[200] = "";

	for (int i = 0; i < LEDGER_NR_SOURCES; i++) {
		char *list = ledger->status[i].err ? missing : read;

		if (i == LEDGER_DRIVER && ledger->status[i].err)
			continue; /* of a driver that is not here */
		strncat(list, " ", sizeof(read) - strlen(list) - 1);
		strncat(list, ledger_source_name(i), sizeof(read) - strlen(list) - 1);
	}
	igt_info("Accounts:%s%s%s\n", *read ? read : " none", *missing ? "; not:" : "", missing);
}

void suite_accounts_install(enum suite_census_mode mode)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	igt_assert(accounts);
	accounts->observer = (struct igt_subtest_observer){
		.name = "accounts",
		.data = accounts,
		.prepare = prepare,
		.before = before,
		.after = after,
		.settle = settle,
	};
	accounts->census = suite_census_start(mode);
	open_account(accounts, DEPTH_REPORT);
	tell_sources(accounts->before[DEPTH_REPORT]);
	igt_add_subtest_observer(&accounts->observer);
}
