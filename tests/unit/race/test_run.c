// SPDX-License-Identifier: MIT
/*
 * Whole races with real lanes. What depends on the machine's CPUs skips where the engine itself
 * says that it is underpowered: nothing here asserts a time.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "cmocka_all.h"
#include "race/cpus.h"
#include "synthetic.h"

#define LEAD 3000

static void run(const struct race_scenario *scenario, const struct race_options *options,
		struct race_report *ret_report)
{
	assert_int_equal(race_run(scenario, options, ret_report), 0);
}

static void need_two_cpus(void)
{
	struct race_cpus cpus;

	assert_int_equal(race_cpus_read(&cpus), 0);
	if (cpus.count < 2)
		skip();
}

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

static void a_call_that_never_returns_breaks_the_race(void **state)
{
	/* static: the lane that is left behind still uses them */
	static struct synthetic race = { .lead = 100 };
	static struct race_scenario scenario = SYNTHETIC_SCENARIO(&race);
	struct race_options options = { .time_ms = 60000, .hang_ms = 2500 };
	struct race_report report;

	need_two_cpus();
	assert_int_equal(pipe(hang_pipe), 0);
	scenario.lanes[1].ops[0].call = hang;
	run(&scenario, &options, &report);
	assert_int_equal(report.verdict, RACE_BROKEN);
	assert_string_equal(report.reason, "lane 1 (observer) did not come back from look");
	close(hang_pipe[1]); /* lets it go */
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

static long nobody(void *ctx, unsigned int lane)
{
	return 0;
}

/* Names with quotes and control characters, and a report with a hit. */
static void evidence_is_json(void **state)
{
	struct race_scenario scenario = {
		.name = "synthetic",
		.nlanes = 2,
		.lanes = { { "\"quoted\\\"", { { "tab\there", nobody } } },
			   { "caf\xc3\xa9\n", { { NULL, nobody }, { "x", nobody } } } },
	};
	struct race_report report = {
		.verdict = RACE_BROKEN,
		.reason = "lost \"x\"\x01",
		.seed = UINT64_MAX,
		.attempts = 12,
		.upper_bound = 1.0 / 0.0,
		.nflips = 1,
		.flips = { { .lane = 1, .before = RACE_B_FIRST, .after = RACE_A_FIRST } },
		.hit = { .attempt = { .index = 12, .lanes = 2 }, .why = "lost", .replay = "v=1" },
	};
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	json_t *root;

	report.skew[0] = report.skew[31] = report.skew[32] = report.skew[63] = 1;
	assert_non_null(out);
	assert_int_equal(race_evidence_write(out, &scenario, &report), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "gemrace_race")),
			 RACE_EVIDENCE_VERSION);
	assert_string_equal(json_string_value(json_object_get(root, "seed")),
			    "18446744073709551615");
	assert_string_equal(json_string_value(json_object_get(root, "reason")), "lost \"x\"\x01");
	assert_true(json_is_null(json_object_get(root, "hit_probability_below")));
	assert_int_equal(json_array_size(json_object_get(root, "skew_histogram")), 4);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(root, "hit"), "attempt")), 12);
	json_decref(root);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_race_that_holds),
		cmocka_unit_test(a_broken_race_between_threads),
		cmocka_unit_test(a_broken_race_between_processes),
		cmocka_unit_test(one_cpu_is_underpowered),
		cmocka_unit_test(no_flip_is_underpowered),
		cmocka_unit_test(every_hook_gets_its_turn),
		cmocka_unit_test(a_broken_attempt_is_torn_down),
		cmocka_unit_test(a_set_up_that_always_fails_is_no_pass),
		cmocka_unit_test(a_failed_audit_breaks_the_race),
		cmocka_unit_test(a_refused_start_abandons),
		cmocka_unit_test(should_stop_abandons),
		cmocka_unit_test(a_thread_that_leaves_abandons),
		cmocka_unit_test(a_process_that_dies_abandons),
		cmocka_unit_test(nonsense_is_einval),
		cmocka_unit_test(perturbations_can_be_switched_off),
		cmocka_unit_test(perturbations_run),
		cmocka_unit_test(evidence_is_json),
		cmocka_unit_test(a_call_that_never_returns_breaks_the_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
