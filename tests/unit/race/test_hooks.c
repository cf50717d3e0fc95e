// SPDX-License-Identifier: MIT
/* A scenario's hooks: each gets its turn, and what one of them refuses ends the race. */
#include <errno.h>
#include <string.h>

#include "synthetic.h"
#include "whole.h"

/* Counts what the hooks are called for; lane 0's side only. */
struct counted {
	struct synthetic race;
	unsigned int started, finished, set_up, torn_down, checked, audited;
	unsigned int lane_up[2], lane_down[2];
	int fail_set_up_every;
};

static int count_start(void *ctx, unsigned int lane)
{
	__atomic_add_fetch(&((struct counted *)ctx)->started, 1, __ATOMIC_RELAXED);
	return 0;
}

static void count_finish(void *ctx, unsigned int lane)
{
	__atomic_add_fetch(&((struct counted *)ctx)->finished, 1, __ATOMIC_RELAXED);
}

static int count_set_up(void *ctx)
{
	struct counted *counted = ctx;

	counted->set_up++;
	if (counted->fail_set_up_every && counted->set_up % counted->fail_set_up_every == 0)
		return -ENOMEM;
	return synthetic_set_up(&counted->race);
}

static int count_lane_up(void *ctx, unsigned int lane)
{
	((struct counted *)ctx)->lane_up[lane]++;
	return 0;
}

static void count_lane_down(void *ctx, unsigned int lane)
{
	((struct counted *)ctx)->lane_down[lane]++;
}

static void count_tear_down(void *ctx)
{
	((struct counted *)ctx)->torn_down++;
}

static int count_check(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct counted *counted = ctx;

	counted->checked++;
	if (counted->torn_down + 1 != counted->checked)
		return race_why(why, "attempt %llu: not set up and torn down in turn",
				(unsigned long long)attempt->index);
	return 0;
}

static int count_audit(void *ctx, struct race_why *why)
{
	((struct counted *)ctx)->audited++;
	return 0;
}

static void every_hook_gets_its_turn(void **state)
{
	struct counted counted = { .race = { .lead = 300, .look = 50 }, .fail_set_up_every = 10 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&counted);
	struct race_options options = { .time_ms = 20000, .max_attempts = 500 };
	struct race_report report;

	need_two_cpus();
	scenario.start = count_start;
	scenario.finish = count_finish;
	scenario.set_up = count_set_up;
	scenario.lane_set_up = count_lane_up;
	scenario.lane_tear_down = count_lane_down;
	scenario.tear_down = count_tear_down;
	scenario.check = count_check;
	scenario.audit = count_audit;
	scenario.audit_every = 100;
	run(&scenario, &options, &report);
	assert_int_not_equal(report.verdict, RACE_BROKEN);
	assert_int_not_equal(report.verdict, RACE_ABANDONED);
	assert_int_equal(counted.started, 2);
	assert_int_equal(counted.finished, 2);
	assert_int_equal(counted.set_up, 500);
	assert_true(report.outcomes[RACE_SETUP_FAILED] == 50 && report.attempts == 450);
	assert_int_equal(counted.checked, 450);
	assert_int_equal(counted.torn_down, 450);
	assert_int_equal(counted.lane_up[0], 450);
	assert_int_equal(counted.lane_up[1], 450);
	assert_int_equal(counted.lane_down[0], 450);
	assert_int_equal(counted.lane_down[1], 450);
	assert_true(report.audits == counted.audited && counted.audited >= 5);
}

static int fail_at_once(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	return race_why(why, "broken");
}

static void a_broken_attempt_is_torn_down(void **state)
{
	struct counted counted = { .race = { .lead = 300, .look = 50 } };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&counted);
	struct race_options options = { .time_ms = 20000 };
	struct race_report report;

	need_two_cpus();
	scenario.lane_tear_down = count_lane_down;
	scenario.tear_down = count_tear_down;
	scenario.check = fail_at_once;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_int_equal(report.attempts, 1);
	assert_int_equal(counted.torn_down, 1);
	assert_int_equal(counted.lane_down[0], 1);
	assert_int_equal(counted.lane_down[1], 1);
}

static void a_set_up_that_always_fails_is_no_pass(void **state)
{
	struct counted counted = { .fail_set_up_every = 1 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&counted);
	struct race_options options = { .time_ms = 20000, .max_attempts = 100 };
	struct race_report report;

	need_two_cpus();
	scenario.set_up = count_set_up;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_ABANDONED);
	assert_string_equal(report.reason, "the set-up failed in all 100 attempts");
}

static int fail_audit(void *ctx, struct race_why *why)
{
	return race_why(why, "leak of %d", 3);
}

static void a_failed_audit_breaks_the_race(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 20000, .max_attempts = 50 };
	struct race_report report;

	need_two_cpus();
	scenario.audit = fail_audit;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_string_equal(report.reason, "leak of 3");
}

static int refuse_start(void *ctx, unsigned int lane)
{
	return lane ? -EACCES : 0;
}

static void a_refused_start_abandons(void **state)
{
	struct synthetic race = { 0 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { 0 };
	struct race_report report;

	need_two_cpus();
	scenario.start = refuse_start;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_ABANDONED);
	assert_non_null(strstr(report.reason, "start() of lane 1 (observer) failed"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hook_gets_its_turn),
		cmocka_unit_test(a_broken_attempt_is_torn_down),
		cmocka_unit_test(a_set_up_that_always_fails_is_no_pass),
		cmocka_unit_test(a_failed_audit_breaks_the_race),
		cmocka_unit_test(a_refused_start_abandons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
