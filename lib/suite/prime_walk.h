/* SPDX-License-Identifier: MIT */
#ifndef SUITE_PRIME_WALK_H
#define SUITE_PRIME_WALK_H

#include <stdint.h>

#include "drm/prime_model.h"

struct drm_file;

#define PRIME_WALK_MAX 64

/** A walk: from a new object on, always the choice[i]-th of the possible steps. */
struct prime_walk {
	unsigned int length; /**< steps at most */
	unsigned int choice[PRIME_WALK_MAX];
	unsigned int taken; /**< result: steps that were possible */
	unsigned int
		possible[PRIME_WALK_MAX]; /**< result: how many steps there were to choose of */
	char text[1024];                  /**< result: the steps in words */
};

/**
 * Takes the walk with the two @files, and compares each step, the dma-buf's inode and its count of
 * references with the model. Leaves nothing behind. A difference fails the subtest.
 */
void prime_walk_take(struct drm_file *files, struct prime_walk *walk);

/** The next one in the order of choices; false when @walk was the last. */
bool prime_walk_next(struct prime_walk *walk);

#endif
