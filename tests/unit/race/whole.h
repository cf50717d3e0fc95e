/* SPDX-License-Identifier: MIT */
/*
 * For tests of whole races, with real lanes. What depends on the machine's CPUs skips where the
 * engine itself says that it is underpowered: no test asserts a time.
 */
#ifndef TEST_RACE_WHOLE_H
#define TEST_RACE_WHOLE_H

#include "cmocka_all.h"
#include "race/cpus.h"
#include "race/race.h"

static inline void run(const struct race_scenario *scenario, const struct race_options *options,
		       struct race_report *ret_report)
{
	assert_int_equal(race_run(scenario, options, ret_report), 0);
}

static inline void need_two_cpus(void)
{
	struct race_cpus cpus;

	assert_int_equal(race_cpus_read(&cpus), 0);
	if (cpus.count < 2)
		skip();
}

#endif
