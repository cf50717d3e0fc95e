/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CRIES_H
#define SUITE_CRIES_H

/**
 * Has the kernel log watched around every subtest from here on, in the process that reports it:
 * a BUG, a WARNING, an oops, a sanitizer's report, a stall fails the subtest with its title and
 * fingerprint, also without igt_runner. Cries of processes that are not ours are told, and do not
 * fail it. Once the kernel is tainted so that nothing can be trusted, every later subtest fails.
 *
 * Call it once, from a fixture. Says so where the log may not be read.
 */
void suite_cries_install(void);

/**
 * Has igt_runner overlook what the kernel says of allocations that fail, until the subtest ends:
 * for a test that makes them fail.
 */
void suite_overlook_failed_allocations(void);

#endif
