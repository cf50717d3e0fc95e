/* SPDX-License-Identifier: MIT */
/* The least that can be done to let two lanes meet: what the engine's overhead is measured by. */
#ifndef BENCH_RACE_BARE_H
#define BENCH_RACE_BARE_H

#include "race/race.h"

/**
 * Runs a scenario of two threads at a bare spin barrier: set_up, meet, ops, meet, classify,
 * tear_down. Lane 1 starts @at_ns after lane 0, which matters, since calls that succeed take
 * longer than calls that fail. 0 and attempts per second, or -errno.
 */
int bench_bare(const struct race_scenario *scenario, uint64_t ms, double at_ns, double *ret_per_s);

#endif
