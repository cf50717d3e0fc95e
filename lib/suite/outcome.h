/* SPDX-License-Identifier: MIT */
#ifndef SUITE_OUTCOME_H
#define SUITE_OUTCOME_H

#include "race/race.h"

/* Classifying and judging what the lanes' calls returned, as most scenarios need it. */

/** race_scenario.classify: lane 0 was first exactly when its first call succeeded. */
enum race_outcome outcome_lane0(void *ctx, const struct race_attempt *attempt);

/** The same by lane 1: it was too early, before lane 0, when its first call failed. */
enum race_outcome outcome_lane1(void *ctx, const struct race_attempt *attempt);

/** For calls that always succeed: suite_race() finds the flip by whose call ends first. */
enum race_outcome outcome_both(void *ctx, const struct race_attempt *attempt);

/**
 * For a lane 0 that waits for lane 1's call, and so always ends behind it: whether it had to sleep
 * tells who was first. Its op says when the wait begins and ends; a wait that did not sleep came
 * second.
 */
void outcome_wait_begins(void);
void outcome_wait_ends(void);
enum race_outcome outcome_by_sleep(void *ctx, const struct race_attempt *attempt);

/**
 * Of a lane 0 whose wait, bounded by @bound_ms, ended without having seen lane 1's call: whether
 * that was wrong. It is unless the call came back later than half the bound after the wait began,
 * as in a VM that was stopped for seconds.
 */
bool outcome_slept_through(const struct race_attempt *attempt, unsigned int bound_ms);

/** 0 when @ret is a success, else -1 with "@what: error" in @why. */
int outcome_ok(long ret, const char *what, struct race_why *why);

/** 0 when the first call of each of two lanes succeeded, else -1 with @why. */
int outcome_all_ok(const struct race_attempt *attempt, struct race_why *why);

/** 0 when @ret, of a poll of a fence, says signaled (1), else -1 with "@what: why" in @why. */
int outcome_signaled(int ret, const char *what, struct race_why *why);

/** 0 when @ret is a success or -@error, the one a call may get that came too late. */
int outcome_ok_or(long ret, int error, const char *what, struct race_why *why);

/**
 * For two calls of which exactly one may succeed, the other gets -@error: 0, else -1 with @why.
 * @call names the call, @what the two: "one handle, two closes".
 */
int outcome_only_one(const struct race_attempt *attempt, int error, const char *call,
		     const char *what, struct race_why *why);

#endif
