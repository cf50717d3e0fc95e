/* SPDX-License-Identifier: MIT */
#ifndef SUITE_PAIR_H
#define SUITE_PAIR_H

#include "race/race.h"

/** One row of a table of races: who meets whom, where it starts from, and what must hold. */
struct race_pair {
	const char *name;
	const struct race_lane *lane[2];
	int (*set_up)(void *ctx);
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
	unsigned int needs; /* the test's own flags */
};

/** The scenario of @pair on @ctx. All are borrowed. */
struct race_scenario race_pair_scenario(const struct race_pair *pair, void *ctx,
					void (*tear_down)(void *ctx));

#endif
