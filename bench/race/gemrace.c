// SPDX-License-Identifier: MIT
#include <errno.h>

#include "engines.h"

int bench_run_gemrace(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run)
{
	struct race_scenario scenario = SYNTHETIC_SCENARIO(race);
	struct race_options options = { .seed = seed, .time_ms = max_ms };
	struct race_report report;
	int err;

	scenario.check = synthetic_check;
	err = race_run(&scenario, &options, &report);
	if (err)
		return err;
	ret_run->hit = report.verdict == RACE_BROKEN;
	ret_run->attempts = report.attempts;
	ret_run->ms = report.seconds * 1e3;
	/* a sigma that outliers do not touch: p10 to p90 of a normal distribution is 2.56 of it */
	ret_run->sigma = (report.preflight.skew_ns[2] - report.preflight.skew_ns[0]) / 2.56 *
			 report.preflight.loops_per_ns;
	return 0;
}
