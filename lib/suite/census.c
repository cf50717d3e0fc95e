// SPDX-License-Identifier: MIT
#include "suite/census.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt/assert.h"
#include "igt/hooks.h"
#include "oracle/census.h"
#include "oracle/counts.h"
#include "oracle/ledger.h"
#include "oracle/others.h"
#include "oracle/settle.h"
#include "sys/waiting.h"

/* Survivors that are told one by one. */
#define MOST 8

#define PAUSE_US 16000

struct suite_census {
	struct counts *counts;
	struct census *census; /* with stacks only */
	bool keep;
	pid_t owner; /* of what must not stay behind in the kernel */
};

static int64_t alive(const struct count *count)
{
	return count->born - count->died;
}

static int64_t surplus(const struct count *before, const struct count *after)
{
	return before->err || after->err ? 0 : alive(after) - alive(before);
}

static bool any_surplus(const struct count *before, const struct count *after)
{
	for (int kind = 0; kind < COUNT_NR_KINDS; kind++) {
		if (surplus(&before[kind], &after[kind]) > 0)
			return true;
	}
	return false;
}

/* Files close late and fences die after RCU: looks until nothing is left over, within a bound. */
static int wait_for_surplus_to_go(const struct suite_census *c, const struct count *before,
				  struct count after[COUNT_NR_KINDS])
{
	struct sys_wait wait = sys_wait_for(LEDGER_SETTLE_MS, PAUSE_US);
	int err;

	do {
		err = counts_read(c->counts, after);
		if (err || !any_surplus(before, after))
			return err;
		oracle_catch_up();
	} while (sys_wait_again(&wait));
	return 0;
}

static void tell_survivors(struct suite_census *c, uint64_t since_us)
{
	struct census_count counts[CENSUS_NR_KINDS];
	struct census_object *objects = NULL;
	char *text = NULL;
	size_t nr, size;
	FILE *out;

	if (!c->census || census_read(c->census, counts) || census_alive(c->census, &objects, &nr))
		return;
	out = open_memstream(&text, &size);
	if (out) {
		census_report(counts, objects, nr, MOST, since_us, out);
		fclose(out);
		igt_info("Since this test began:\n%s", text);
	}
	free(text);
	free(objects);
}

static void blame(const struct suite_census *c, const struct count *before,
		  const struct count *after, struct igt_verdict *verdict)
{
	struct others others;
	bool shared = others_find(NULL, getpid(), &others) || others_any(&others);

	others_finish(&others);
	for (int kind = 0; kind < COUNT_NR_KINDS; kind++) {
		const char *name = count_kind_name(kind);
		int64_t left = surplus(&before[kind], &after[kind]);

		if (left > 0 && shared)
			igt_info("%" PRId64 " more %s%s than before; another DRM user here may "
				 "have made them\n",
				 left, name, left == 1 ? "" : "s");
		else if (left > 0)
			igt_verdict_fail(verdict,
					 "leak: %" PRId64 " %s%s more than before (%" PRId64
					 " born, %" PRId64 " gone)%s",
					 left, name, left == 1 ? "" : "s",
					 after[kind].born - before[kind].born,
					 after[kind].died - before[kind].died,
					 c->census ? "" : "; GEMRACE_CENSUS=stacks tells where");
	}
}

void suite_census_look(struct suite_census *c, struct count now[COUNT_NR_KINDS])
{
	int ret = c ? counts_read(c->counts, now) : 0;

	igt_assert_f(ret == 0, "cannot count: %s\n", strerror(-ret));
}

void suite_census_judge(struct suite_census *c, const struct count before[COUNT_NR_KINDS],
			uint64_t since_us, struct igt_verdict *verdict)
{
	struct count after[COUNT_NR_KINDS];
	int ret;

	if (!c)
		return;
	ret = wait_for_surplus_to_go(c, before, after);
	igt_assert_f(ret == 0, "cannot count: %s\n", strerror(-ret));
	if (any_surplus(before, after)) {
		blame(c, before, after, verdict);
		tell_survivors(c, since_us);
	}
	for (int kind = 0; kind < COUNT_NR_KINDS; kind++) {
		if (!before[kind].err && after[kind].err)
			igt_verdict_fail(verdict, "%ss can no longer be counted: %s",
					 count_kind_name(kind), strerror(-after[kind].err));
	}
}

static void tell_what_is_counted(const struct suite_census *c)
{
	struct count now[COUNT_NR_KINDS];
	char counted[200] = "", missing[200] = "";

	if (counts_read(c->counts, now))
		return;
	for (int kind = 0; kind < COUNT_NR_KINDS; kind++) {
		char *list = now[kind].err ? missing : counted;

		snprintf(list + strlen(list), 200 - strlen(list), "%s %ss", *list ? "," : "",
			 count_kind_name(kind));
	}
	igt_info("Counted:%s%s%s%s\n", *counted ? counted : " nothing", *missing ? "; not:" : "",
		 missing, c->census ? "; with stacks" : "");
}

/* What a process leaves behind that was killed, the next one finds: see oracle/tracefs.h. */
static void leave(int status, void *data)
{
	struct suite_census *c = data;

	if (getpid() != c->owner)
		return;
	census_close(c->census);
	counts_close(c->counts, c->keep);
}

struct suite_census *suite_census_start(enum suite_census_mode mode)
{
	struct suite_census *c;
	int err;

	if (mode == SUITE_CENSUS_OFF)
		return NULL;
	c = calloc(1, sizeof(*c));
	igt_assert(c);
	c->keep = mode == SUITE_CENSUS_AUTO || mode == SUITE_CENSUS_KEEP;
	err = counts_open(NULL, mode != SUITE_CENSUS_AUTO, &c->counts);
	if (err) {
		if (mode != SUITE_CENSUS_AUTO)
			igt_info("Counted: nothing: %s\n", strerror(-err));
		free(c);
		return NULL;
	}
	c->owner = getpid();
	on_exit(leave, c);
	if (mode == SUITE_CENSUS_STACKS) {
		err = census_open(NULL, &c->census);
		if (err)
			igt_info("Census: none: %s\n", strerror(-err));
	}
	tell_what_is_counted(c);
	return c;
}
