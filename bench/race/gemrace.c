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
	return 0;
}
