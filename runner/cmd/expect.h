/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_EXPECT_H
#define RUNNER_CMD_EXPECT_H

#include <stddef.h>

/* What each self-test of the harness (tests/selftest) must be reported as. */
struct expectation {
	const char *binary, *subtest;
	const char *word;     /* its result in results.json */
	int status;           /* exit status when run by hand; -1: not run so */
	const char *evidence; /* text that its record must hold, or NULL */
	/*
	 * What it has the module cry, "KIND: TITLE" (KIND: splat_kind_name()), or NULL. The record
	 * must hold the report of the test's look at the kernel log, with this, the task and the
	 * module, and no sentence or cry but that title.
	 */
	const char *cry;
};

extern const struct expectation expectations[];
extern const size_t expectation_count;

/*
 * What a self-test that leaks may complain of, an extended regular expression: nothing else. NULL:
 * anything.
 */
const char *expectation_only(const struct expectation *expectation);

/*
 * The detector that a self-test needs the kernel to have: without it, it is to skip and say "no ...
 * in this kernel". NULL: every kernel has it.
 */
const char *expectation_needs(const struct expectation *expectation);

const struct expectation *expectation_find(const char *binary, const char *subtest);

#endif
