/* SPDX-License-Identifier: MIT */
#ifndef SUITE_OUTCOME_H
#define SUITE_OUTCOME_H

#include "race/race.h"

/* Classifying and judging what the lanes' calls returned, as most scenarios need it. */

/** race_scenario.classify: lane 0 was first exactly when its first call succeeded. */
enum race_outcome outcome_lane0(void *ctx, const struct race_attempt *attempt);

/** The same by lane 1: it was too early, before lane 0, when its first call failed. */
enum race_outcome outcome_lane1(void *ctx, const struct race_attempt *attempt);

/** For calls that always succeed: goes with RACE_FLIP_BY_END. */
enum race_outcome outcome_both(void *ctx, const struct race_attempt *attempt);

/** race_scenario.flip_by that goes with @classify: by the end for outcome_both(), and only for it. */
enum race_flip_by outcome_flip_by(
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt));

/**
 * How often the calling thread has slept so far. A call that waits for the other lane's always ends
 * behind it; whether it had to sleep tells who was first.
 */
long outcome_times_slept(void);

/** 0 when @ret is a success, else -1 with "@what: error" in @why. */
int outcome_ok(long ret, const char *what, struct race_why *why);

/** 0 when @ret is a success or -@error, the one a call may get that came too late. */
int outcome_ok_or(long ret, int error, const char *what, struct race_why *why);

/**
 * For two calls of which exactly one may succeed, the other gets -@error: 0, else -1 with @why. @call
 * names the call, @what the two: "one handle, two closes".
 */
int outcome_only_one(const struct race_attempt *attempt, int error, const char *call,
		     const char *what, struct race_why *why);

#endif
