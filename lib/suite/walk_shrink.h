/* SPDX-License-Identifier: MIT */
#ifndef SUITE_WALK_SHRINK_H
#define SUITE_WALK_SHRINK_H

#include <stdint.h>

#include "suite/walk.h"

/** The steps of one walk and, when it failed, why it did after the last of them. */
struct walk {
	unsigned int count;
	unsigned int step[WALK_MAX];
	struct race_why why;
};

enum walk_result {
	WALK_HELD,
	WALK_FAILED,
	WALK_IMPOSSIBLE,
};

enum walk_mode {
	WALK_LENIENT, /**< leave out what is not possible */
	WALK_STRICT,  /**< stop before it */
};

/** Room for the words of the longest walk. */
#define WALK_TEXT_SIZE (WALK_MAX * 24)

/** Takes @walk; what was not taken, or comes after the failure, is dropped from it. */
enum walk_result walk_take(const struct walk_subject *subject, struct walk *walk,
			   enum walk_mode mode);

/** Ends or, with a result @ret of -1, abandons a walk; -1 when that or the end is a failure. */
int walk_end(const struct walk_subject *subject, int ret, struct race_why *why);

/**
 * Makes a failing walk shorter until no single step can be left out, then looks for a still shorter
 * one among all that are. Stops at @until_ms of the clock @now_ms. Returns the walks it took.
 */
unsigned int walk_shrink(const struct walk_subject *subject, struct walk *walk, uint64_t until_ms,
			 uint64_t (*now_ms)(void));

/** The steps' words with commas between them. */
void walk_text(const struct walk_subject *subject, const struct walk *walk, char *buf, size_t size);

/** Reads them back. 0, or -EINVAL with one line in @error. */
int walk_parse(const struct walk_subject *subject, const char *text, struct walk *ret_walk,
	       char *error, size_t error_size);

#endif
