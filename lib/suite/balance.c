// SPDX-License-Identifier: MIT
#include "suite/balance.h"

#include <string.h>

#include "igt/assert.h"

struct ledger *balance_take(void)
{
	struct ledger *ledger;
	int ret = ledger_take(NULL, &ledger);

	igt_assert_f(ret == 0, "cannot take the ledger: %s\n", strerror(-ret));
	return ledger;
}

static bool is_leak(const struct ledger_change *change)
{
	return change->change != LEDGER_VANISHED && change->whose == LEDGER_OURS;
}

int balance_check(const struct ledger *before, struct race_why *why)
{
	struct ledger_diff *diff;
	char line[200];
	int bad = 0, ret;

	ret = ledger_settle(before, LEDGER_SETTLE_MS, &diff);
	if (ret)
		return race_why(why, "cannot compare the ledgers: %s", strerror(-ret));
	for (size_t i = 0; i < diff->nr_changes && !bad; i++) {
		if (!is_leak(&diff->changes[i]))
			continue;
		ledger_change_text(&diff->changes[i], line, sizeof(line));
		bad = race_why(why, "leak: %s", line);
	}
	ledger_diff_free(diff);
	return bad;
}
