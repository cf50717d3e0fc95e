/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CENSUS_H
#define SUITE_CENSUS_H

#include "igt/hooks.h"
#include "oracle/counts.h"
#include "suite/settings.h"

/*
 * What no list shows (GEM objects, sync_files, syncobjs, fences), counted for the accounts. NULL,
 * as good as any struct suite_census, counts nothing.
 */
struct suite_census;

/**
 * Puts the counters in place or finds them there, and says what is counted. With
 * SUITE_CENSUS_STACKS a leak is reported with where it was made. Lives until the process ends.
 */
struct suite_census *suite_census_start(enum suite_census_mode mode);

/** How many were made and have gone so far; a kind that cannot be counted says why. */
void suite_census_look(struct suite_census *census, struct count now[COUNT_NR_KINDS]);

/**
 * Waits, within a bound, until no more live than @before, and fails for those that stay. @since_us:
 * when that was, CLOCK_MONOTONIC; what was made later is told with the time from then on.
 */
void suite_census_judge(struct suite_census *census, const struct count before[COUNT_NR_KINDS],
			uint64_t since_us, struct igt_verdict *verdict);

#endif
