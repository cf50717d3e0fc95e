/* SPDX-License-Identifier: MIT */
#ifndef SUITE_WALK_H
#define SUITE_WALK_H

#include <stddef.h>

#include "race/race.h"
#include "suite/suite.h"

/** Steps in one walk, and kinds of steps that a subject may number, at most. */
#define WALK_MAX   64
#define WALK_STEPS 64

/**
 * struct walk_subject - what is walked: a model of the kernel and the calls it is compared with
 *
 * A walk starts from one state and takes steps, one after another. Hooks return 0, or -1 with the
 * difference in @why.
 */
struct walk_subject {
	void *ctx;
	/** Makes the state that every walk starts from. */
	int (*begin)(void *ctx, struct race_why *why);
	/** The steps that can be taken now, in rising order. Returns how many. */
	unsigned int (*steps)(void *ctx, unsigned int *ret_steps);
	/** Takes one and compares what can be seen with the model. */
	int (*take)(void *ctx, unsigned int step, struct race_why *why);
	/** Lets go of everything that is left after a walk that held. */
	int (*end)(void *ctx, struct race_why *why);
	/**
	 * After a walk that failed: leaves everything as it is until the process ends, and makes
	 * sure that the next walk has to do with none of it. Letting go of an object that has lost
	 * a reference may be the end of the kernel, and of the report.
	 */
	void (*abandon)(void *ctx);
	/** A step in a word without blanks or commas; "" when there is none of this number. */
	void (*text)(unsigned int step, char *buf, size_t size);
};

#define WALK_PATIENCE 5

/*
 * A walk that fails is made shorter as long as it still fails, then the subtest fails with the
 * shortest, why, and the command that takes it again (GEMRACE_WALK). With GEMRACE_WALK set, the
 * functions below take that walk and no other.
 */

/**
 * Every walk of @first steps, then every one of one more, up to @last: so the first to fail is one
 * of the shortest. Later lengths are cut off when the profile's time for a race is over, the first
 * when WALK_PATIENCE times that is: only an instrumented kernel takes so long. Says how far it
 * came.
 */
void walk_every_order(const struct suite *suite, const struct walk_subject *subject,
		      unsigned int first, unsigned int last);

/** Walks of WALK_MAX steps at random, by the seed, for the profile's time for a race. */
void walk_random_order(const struct suite *suite, const struct walk_subject *subject);

#endif
