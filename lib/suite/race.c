// SPDX-License-Identifier: MIT
#include "suite/race.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/attachment.h"
#include "igt/child.h"
#include "igt/result.h"
#include "igt/subtest.h"
#include "race/cpus.h"
#include "suite/outcome.h"
#include "suite/race_log.h"

/* what igt_kmsg() takes of one line; a command that does not fit is not announced */
#define COMMAND_SIZE 880

/* A racing thread that failed an assertion ends the race. */
static bool thread_failed(void *ctx)
{
	return igt_thread_failed();
}

/* The command that goes back to a place; @settings are its variables. "" when it does not fit. */
static void tell_command(char *out, size_t size, const char *settings)
{
	const char *dynamic = igt_dynamic_subtest_name();

	int n = snprintf(out, size, "%s %s --run-subtest %s%s%s", settings, igt_test_name(),
			 igt_subtest_name(), dynamic[0] ? " --dynamic-subtest " : "", dynamic);

	if (n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

/* Into the kernel log, so that it is there when the kernel dies of what comes. */
static void announce(void *ctx, const char *line)
{
	char command[COMMAND_SIZE];

	tell_command(command, sizeof(command), line);
	if (command[0])
		igt_kmsg(6, "%s", command);
}

/* Back to the attempt, or to where the kernel cried. */
static void tell_replay(const struct race_report *report, const struct race_log *log, char *out,
			size_t size)
{
	char settings[RACE_LINE_SIZE + 64];

	out[0] = '\0';
	if (report->hit.replay[0]) {
		snprintf(settings, sizeof(settings), "\nreplay: " RACE_SETTINGS, report->seed,
			 report->hit.replay);
		tell_command(out, size, settings);
	} else if (race_log_command(log)[0]) {
		snprintf(out, size, "\nreplay: %s", race_log_command(log));
	}
}

static void tell_flips(const struct race_report *report)
{
	for (unsigned int i = 0; i < report->nflips; i++) {
		const struct race_flip *flip = &report->flips[i];

		igt_info("  flip: %s -> %s with lane %u %+.0f ns after lane 0 (sigma %.0f ns), "
			 "%" PRIu64 " + %" PRIu64 " attempts around it\n",
			 race_outcome_name(flip->before), race_outcome_name(flip->after),
			 flip->lane, flip->at_ns, flip->sigma_ns, flip->attempts[0],
			 flip->attempts[1]);
	}
}

static void tell(const struct race_scenario *scenario, const struct race_report *report)
{
	igt_info("%s: %s: %s\n", scenario->name, race_verdict_name(report->verdict),
		 report->reason);
	/* prove reads this line: a broken race may be over in a millisecond */
	igt_info("  %" PRIu64 " attempts in %.*f s (%.0f/s), %" PRIu64 " overlapped, %" PRIu64
		 " informative, seed %" PRIu64 "\n",
		 report->attempts, report->seconds < 1 ? 4 : 1, report->seconds,
		 report->seconds > 0 ? report->attempts / report->seconds : 0, report->overlapped,
		 report->informative, report->seed);
	for (unsigned int i = 0; i < RACE_OUTCOMES; i++)
		if (report->outcomes[i])
			igt_info("  %s: %" PRIu64 "\n", race_outcome_name(i), report->outcomes[i]);
	tell_flips(report);
}

static void leave_evidence(const struct race_scenario *scenario, const struct race_report *report)
{
	FILE *out = igt_attachment_open("race.json");
	int ret;

	if (!out) {
		if (errno != ENOENT)
			igt_warn("no evidence left: %s\n", strerror(errno));
		return;
	}
	ret = race_evidence_write(out, scenario, report);
	if (fclose(out) || ret)
		igt_warn("the evidence is incomplete: %s\n", strerror(ret ? -ret : errno));
}

/*
 * A third lane is for machines that have the CPU: one that has not lacks something, as with a call
 * that a driver has not. With less than two, no race can be run, and that is in doubt.
 */
static void require_cpus(const struct race_scenario *scenario)
{
	struct race_cpus cpus;

	if (scenario->nlanes > 2 && !race_cpus_read(&cpus))
		igt_require_f(cpus.count >= (int)scenario->nlanes, "needs %u CPUs, there are %d\n",
			      scenario->nlanes, cpus.count);
}

void suite_race(const struct suite *suite, const struct race_scenario *scenario)
{
	struct race_scenario own = *scenario;
	struct race_options options = {
		.seed = suite->settings.seed,
		.time_ms = suite->settings.race_ms,
		.replay = suite->settings.replay,
		.perturb = suite->settings.perturb,
		.should_stop = thread_failed,
		.watch = race_log_watch,
		.announce = announce,
	};
	char replay[COMMAND_SIZE];
	struct race_report report;
	struct race_log log;
	int ret;

	require_cpus(scenario);
	if (own.classify == outcome_both)
		own.flip_by = RACE_FLIP_BY_END;
	options.watch_ctx = &log;
	race_log_open(&log, options.seed);
	ret = race_run(&own, &options, &report);
	igt_assert_f(ret == 0, "the race could not be run: %s\n", strerror(-ret));
	tell_replay(&report, &log, replay, sizeof(replay));
	race_log_close(&log);
	tell(scenario, &report);
	leave_evidence(scenario, &report);
	if (report.stuck[0]) {
		/* A lane may still use the caller's frame: nothing more may run in this process. */
		igt_critical("%s; still there: %s%s\n", report.reason, report.stuck, replay);
		exit(IGT_EXIT_FAILURE);
	}
	igt_thread_check();
	switch (report.verdict) {
	case RACE_HELD:
		return;
	case RACE_BROKEN:
		igt_fail_f("%s%s\n", report.reason, replay);
	case RACE_UNDERPOWERED:
		igt_skip("underpowered: %s\n", report.reason);
	case RACE_ABANDONED:
		break;
	}
	igt_fail_f("the race was abandoned: %s\n", report.reason);
}
