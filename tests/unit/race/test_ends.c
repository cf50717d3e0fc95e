// SPDX-License-Identifier: MIT
/* Races that end from outside: stopped, left by a lane, or stuck in a call. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "synthetic.h"
#include "whole.h"

static bool yes(void *ctx)
{
	return true;
}

static void should_stop_abandons(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 60000, .should_stop = yes };
	struct race_report report;

	need_two_cpus();
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_ABANDONED);
	assert_string_equal(report.reason, "stopped from outside");
	assert_string_equal(report.stuck, "");
}

static int cry_late(void *ctx, struct race_why *why)
{
	unsigned int *left = ctx;

	return --*left ? 0 : race_why(why, "the log says so");
}

static void what_watch_says_breaks(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	unsigned int left = 10;
	struct race_options options = { .time_ms = 3600000, .watch = cry_late, .watch_ctx = &left };
	struct race_report report;

	need_two_cpus();
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_string_equal(report.reason, "the log says so");
	assert_int_equal(report.hit.attempt.index, 0);
	assert_int_equal(left, 0); /* not asked again */
}

static atomic_bool over;

static void end(void *ctx, unsigned int lane)
{
	atomic_store(&over, true);
}

static int cry_when_over(void *ctx, struct race_why *why)
{
	return atomic_load(&over) ? race_why(why, "in the last attempt") : 0;
}

static void watch_is_asked_after_the_last_attempt(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .max_attempts = 1, .watch = cry_when_over };
	struct race_report report;

	need_two_cpus();
	scenario.finish = end;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
}

static long leave_thread(void *ctx, unsigned int lane)
{
	pthread_exit(NULL);
}

static long die(void *ctx, unsigned int lane)
{
	return raise(SIGKILL);
}

static void a_thread_that_leaves_abandons(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 60000 };
	struct race_report report;

	need_two_cpus();
	scenario.lanes[1].ops[0].call = leave_thread;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_ABANDONED);
	assert_string_equal(report.reason, "lane 1 (observer) ended early");
}

static void a_process_that_dies_abandons(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 60000 };
	struct race_report report;

	need_two_cpus();
	scenario.kind = RACE_PROCESSES;
	scenario.lanes[1].ops[0].call = die;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_ABANDONED);
	assert_string_equal(report.reason, "lane 1 (observer) died of signal 9");
}

static int hang_pipe[2];

static long hang(void *ctx, unsigned int lane)
{
	char byte;

	return read(hang_pipe[0], &byte, 1);
}

static void hangs(struct race_scenario *scenario)
{
	struct race_options options = { .time_ms = 60000, .hang_ms = 2500 };
	struct race_report report;

	need_two_cpus();
	assert_int_equal(pipe(hang_pipe), 0);
	scenario->lanes[1].ops[0].call = hang;
	run(scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_string_equal(report.reason, "lane 1 (observer) did not come back from look");
	assert_non_null(strstr(report.stuck, "lane 1 (observer): state S"));
	close(hang_pipe[1]); /* lets it go */
}

static void a_call_that_never_returns_breaks_the_race(void **state)
{
	/* static: the lane that is left behind still uses them */
	static struct synthetic race = { .lead = 100 };
	static struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);

	hangs(&scenario);
}

static void a_process_that_never_returns_breaks_the_race(void **state)
{
	struct synthetic race = { .lead = 100 };
	struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);

	scenario.kind = RACE_PROCESSES;
	hangs(&scenario);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(should_stop_abandons),
		cmocka_unit_test(what_watch_says_breaks),
		cmocka_unit_test(watch_is_asked_after_the_last_attempt),
		cmocka_unit_test(a_thread_that_leaves_abandons),
		cmocka_unit_test(a_process_that_dies_abandons),
		cmocka_unit_test(a_call_that_never_returns_breaks_the_race),
		cmocka_unit_test(a_process_that_never_returns_breaks_the_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
