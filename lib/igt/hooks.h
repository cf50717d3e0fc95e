/* SPDX-License-Identifier: MIT */
#ifndef IGT_HOOKS_H
#define IGT_HOOKS_H

#include "igt/result.h"

/*
 * Observers look at the system around each subtest: the leak ledger, the kernel log.
 *
 * A subtest that runs in a child of its own is seen from both sides. before() and after() run in
 * the process of the body, around it and around each dynamic subtest in it. prepare() and settle()
 * run in the process that reports, around the whole: settle() comes after the subtest's process
 * is gone (its files closed, its mappings dropped) and before the result is printed and marked in
 * the kernel log. That makes it the place to wait, with a bound, for late releases, so that a late
 * splat is charged to the subtest that caused it. When the subtest runs in-process the order is
 * prepare, before, body, after, settle.
 *
 * before() and prepare() run in the order of registration, after() and settle() in reverse. Any
 * may be NULL. An assertion that fails in a callback fails the subtest.
 */
struct igt_subtest_info {
	const char *test; /* the binary */
	const char *subtest;
	const char *dynamic; /* NULL around a subtest */
};

struct igt_verdict;

struct igt_subtest_observer {
	const char *name; /* begins the reason when an assertion of its own fails */
	void *data;       /* handed to the callbacks */
	void (*prepare)(const struct igt_subtest_info *info, void *data);
	void (*before)(const struct igt_subtest_info *info, void *data);
	void (*after)(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data);
	void (*settle)(const struct igt_subtest_info *info, struct igt_verdict *verdict,
		       void *data);
};

/* Register, from a fixture or before igt_main's blocks. @observer must live until the end. */
void igt_add_subtest_observer(const struct igt_subtest_observer *observer);

/* The result so far. */
enum igt_result igt_verdict_result(const struct igt_verdict *verdict);

/*
 * Fail the subtest with a reason (one line, no newline). A subtest that failed or crashed keeps
 * its result; the reason is logged in any case.
 */
void igt_verdict_fail(struct igt_verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
