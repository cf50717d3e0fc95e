/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CRIES_H
#define SUITE_CRIES_H

#include "oracle/splat.h"

/**
 * Has the kernel log watched around every subtest from here on, in the process that reports it:
 * a BUG, a WARNING, an oops, a sanitizer's report, a stall fails the subtest with its title and
 * fingerprint, also without igt_runner. Cries of processes that are not ours are told, and do not
 * fail it. Once the kernel is tainted so that nothing can be trusted, every later subtest fails.
 *
 * Call it once, from a fixture. Says so where the log may not be read.
 */
void suite_cries_install(void);

/** A splat of a few hundred lines is printed in less, on an emulated CPU with a serial console. */
#define SUITE_CRY_MS 2000

#define SUITE_CRY_SIZE 256

/**
 * Whether @splat is held against whoever asks: it is neither another's process' nor kmemleak's.
 * Then @text says it as a failure does: "TITLE [KIND FINGERPRINT]".
 */
bool suite_cry_counts(const struct splat *splat, char *text, size_t size);

/**
 * Has igt_runner overlook what the kernel says of allocations that fail, until the subtest ends:
 * for a test that makes them fail.
 */
void suite_overlook_failed_allocations(void);

#endif
