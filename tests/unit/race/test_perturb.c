// SPDX-License-Identifier: MIT
/* Perturbations: switched off, left out with their reason, and at work. */
#include <string.h>

#include "race/control.h"
#include "race/perturb.h"
#include "race/search.h"
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

/* Whom the blocks stall of three lanes, of which the last is exposed, or none. */
static void count_victims(bool exposed, unsigned int victims[3])
{
	static struct race_control control;
	static struct race_perturb perturb;
	static struct race_search search;
	static struct race_cpus cpus;
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	unsigned int block;

	scenario.widen = widen;
	scenario.nlanes = 3;
	scenario.lanes[2] = scenario.lanes[1];
	scenario.exposed = exposed ? 1u << 2 : 0;
	memset(&control, 0, sizeof(control));
	control.scenario = &scenario;
	control.nlanes = 3;
	control.clock.ticks_per_ns = 1;
	race_search_init(&search, 3, 1, NULL);
	search.observed = UINT32_MAX;
	assert_int_equal(race_perturb_open(&perturb, &control, &cpus, "work", NULL, 1), 0);
	memset(victims, 0, 3 * sizeof(*victims));
	for (block = 0; block < 20000; block++) {
		perturb.left = 0;
		race_perturb_turn(&perturb, &search);
		if (perturb.kind != RACE_PERTURB_NONE)
			victims[perturb.victim]++;
	}
	assert_true(race_perturb_close(&perturb));
}

static void exposed_lanes_are_stalled(void **state)
{
	unsigned int any[3], exposed[3], sum;

	count_victims(false, any);
	sum = any[0] + any[1] + any[2];
	assert_true(sum > 100);
	for (unsigned int i = 0; i < 3; i++)
		assert_in_range(any[i], sum / 6, sum / 2);
	count_victims(true, exposed);
	sum = exposed[0] + exposed[1] + exposed[2];
	assert_true(exposed[2] > 3 * (sum / 4));
	/* the author of the race may be wrong */
	assert_true(exposed[0] && exposed[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(perturbations_can_be_switched_off),
		cmocka_unit_test(perturbations_run),
		cmocka_unit_test(exposed_lanes_are_stalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
