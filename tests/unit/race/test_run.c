// SPDX-License-Identifier: MIT
/* What a race comes to: held, broken and replayed, underpowered, refused. */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "synthetic.h"
#include "whole.h"

#define LEAD 3000

static void a_race_that_holds(void **state)
{
	struct synthetic race = { .lead = LEAD, .width = 50, .look = 100, .tail = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 1000, .seed = 1 };
	struct race_report report;
	uint64_t sum = 0;
	int i;

	need_two_cpus();
	run(&scenario, &options, &report);
	if (report.verdict == RACE_UNDERPOWERED)
		skip();
	assert_int_equal(report.verdict, RACE_HELD);
	assert_int_equal(report.hit.attempt.index, 0);
	for (i = 0; i < RACE_OUTCOMES; i++)
		sum += report.outcomes[i];
	assert_true(sum == report.attempts);
	assert_true(report.aligned <= report.attempts);
	assert_true(report.informative >= 1 && report.informative <= report.attempts);
	assert_true(report.upper_bound > 0 && report.upper_bound < 1);
	assert_true(report.nflips >= 1 && report.flips[0].lane == 1);
}

static void remember(void *ctx, const char *line)
{
	snprintf(ctx, RACE_LINE_SIZE, "%s", line);
}

static void broken(enum race_lane_kind kind, void *shared)
{
	struct synthetic *race = shared;
	struct race_scenario scenario = SYNTHETIC_SCENARIO(race);
	char announced[RACE_LINE_SIZE] = "";
	struct race_options options = {
		.time_ms = 5000, .seed = 7, .announce = remember, .announce_ctx = announced
	};
	struct race_report report;

	*race = (struct synthetic){ .lead = LEAD, .width = 1000, .look = 100, .tail = 100 };
	scenario.kind = kind;
	scenario.check = synthetic_check;
	need_two_cpus();
	run(&scenario, &options, &report);
	if (report.verdict == RACE_UNDERPOWERED)
		skip();
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_string_equal(report.reason, "looked inside the window");
	assert_int_equal(report.hit.attempt.lane[1].ret[0], SYNTHETIC_WINDOW);
	assert_true(report.hit.attempt.index == report.attempts);
	assert_non_null(strstr(announced, "GEMRACE_SEED=7 GEMRACE_REPLAY=v=1,race=synthetic,"));

	options.replay = report.hit.replay;
	run(&scenario, &options, &report);
	assert_true(report.replayed);
	assert_int_equal(report.verdict, RACE_BROKEN);
}

static void a_broken_race_between_threads(void **state)
{
	struct synthetic race;

	broken(RACE_THREADS, &race);
}

static void a_broken_race_between_processes(void **state)
{
	struct synthetic *race = race_shared_alloc(sizeof(*race));

	assert_non_null(race);
	broken(RACE_PROCESSES, race);
	race_shared_free(race, sizeof(*race));
}

static void one_cpu_is_underpowered(void **state)
{
	struct synthetic race = { .lead = 10 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 100 };
	struct race_report report;
	cpu_set_t before, one;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	run(&scenario, &options, &report);
	sched_setaffinity(0, sizeof(before), &before);
	assert_int_equal(report.verdict, RACE_UNDERPOWERED);
	assert_string_equal(report.reason, "1 CPU for 2 lanes");
	assert_int_equal(report.attempts, 0);
}

static enum race_outcome always_both(void *ctx, const struct race_attempt *attempt)
{
	return RACE_BOTH;
}

static void no_flip_is_underpowered(void **state)
{
	struct synthetic race = { .lead = LEAD };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 300 };
	struct race_report report;

	need_two_cpus();
	scenario.classify = always_both;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_UNDERPOWERED);
	assert_int_equal(report.nflips, 0);
}

static void nonsense_is_einval(void **state)
{
	struct synthetic race = { 0 };
	struct race_scenario good = SYNTHETIC_SCENARIO(&race), bad;
	struct race_options options = { .time_ms = 10 };
	struct race_report report = { .attempts = 99 };

	bad = good;
	bad.nlanes = 1;
	assert_int_equal(race_run(&bad, &options, &report), -EINVAL);
	bad = good;
	bad.nlanes = RACE_MAX_LANES + 1;
	assert_int_equal(race_run(&bad, &options, &report), -EINVAL);
	bad = good;
	bad.name = "not a name";
	assert_int_equal(race_run(&bad, &options, &report), -EINVAL);
	bad = good;
	bad.classify = NULL;
	assert_int_equal(race_run(&bad, &options, &report), -EINVAL);
	bad = good;
	bad.lanes[1].ops[0].call = NULL;
	assert_int_equal(race_run(&bad, &options, &report), -EINVAL);
	options.replay = "nonsense";
	assert_int_equal(race_run(&good, &options, &report), -EINVAL);
	options.replay = NULL;
	options.perturb = "timer,nonsense";
	assert_int_equal(race_run(&good, &options, &report), -EINVAL);
	assert_int_equal(report.attempts, 99); /* not touched */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_race_that_holds),
		cmocka_unit_test(a_broken_race_between_threads),
		cmocka_unit_test(a_broken_race_between_processes),
		cmocka_unit_test(one_cpu_is_underpowered),
		cmocka_unit_test(no_flip_is_underpowered),
		cmocka_unit_test(nonsense_is_einval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
