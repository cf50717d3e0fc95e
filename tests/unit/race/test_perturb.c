// SPDX-License-Identifier: MIT
/* Perturbations: switched off, left out with their reason, and at work. */
#include <string.h>

#include "synthetic.h"
#include "whole.h"

#define LEAD 3000

static const char *skipped(const struct race_report *report, const char *name)
{
	unsigned int i;

	for (i = 0; i < report->nperturb; i++)
		if (!strcmp(report->perturb[i].name, name))
			return report->perturb[i].skipped;
	fail_msg("no perturbation %s", name);
	return NULL;
}

static void perturbations_can_be_switched_off(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 20000, .max_attempts = 10 };
	struct race_report report;

	options.perturb = "none";
	run(&scenario, &options, &report);
	assert_string_equal(skipped(&report, "timer"), "switched off");
	assert_string_equal(skipped(&report, "hold"), "switched off");
	options.perturb = "!timer";
	run(&scenario, &options, &report);
	assert_string_equal(skipped(&report, "timer"), "switched off");
	assert_string_equal(skipped(&report, "hold"), "the scenario has no hold()");
	options.perturb = "work";
	run(&scenario, &options, &report);
	assert_string_equal(skipped(&report, "timer"), "switched off");
	assert_string_equal(skipped(&report, "work"), "the scenario has no widen()");
}

static void slow_hold(void *ctx)
{
	race_delay_loops(20000);
}

static int widen(void *ctx, unsigned int level)
{
	((struct synthetic *)ctx)->width = 10 * level;
	return 0;
}

/* Every kind that this machine allows is used, and none gets the race stuck. */
static void perturbations_run(void **state)
{
	struct synthetic race = { .lead = LEAD, .look = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 2000 };
	struct race_report report;
	uint64_t disturbed = 0;
	unsigned int i;

	need_two_cpus();
	scenario.hold = slow_hold;
	scenario.widen = widen;
	run(&scenario, &options, &report);
	if (report.verdict == RACE_UNDERPOWERED)
		skip();
	assert_int_equal(report.verdict, RACE_HELD);
	for (i = 0; i < report.nperturb; i++) {
		disturbed += report.perturb[i].attempts;
		if (report.perturb[i].skipped)
			assert_int_equal(report.perturb[i].attempts, 0);
	}
	assert_true(disturbed > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(perturbations_can_be_switched_off),
		cmocka_unit_test(perturbations_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
