/* SPDX-License-Identifier: MIT */
/* The least that can be done to let two lanes meet: what the engine's overhead is measured by. */
#ifndef BENCH_RACE_BARE_H
#define BENCH_RACE_BARE_H

#include "race/race.h"

/**
 * Runs a scenario of two threads at a bare spin barrier, without delays: set_up, meet, ops, meet,
 * classify, tear_down. 0 and attempts per second, or -errno.
 */
int bench_bare(const struct race_scenario *scenario, uint64_t ms, double *ret_per_s);

#endif
