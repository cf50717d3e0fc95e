/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

#include "options.h"

/* A subtest, or a binary without subtests (then subtest is NULL). */
struct planned_test {
	char *binary, *subtest;
	bool destructive; /* may kill the kernel even where it is right */
	char profile[8];  /* of a destructive one: the least it does anything in; "": any */
};

/* What is to run, in the order of test-list.txt and of each binary's own list. */
struct plan {
	struct planned_test *tests;
	size_t count;
};

/*
 * Asks every binary that @tests_dir/test-list.txt names for its subtests and keeps those that match
 * one of @include (all, if empty) and none of @exclude. The expressions are matched against
 * "igt@binary@subtest" as igt_runner does, ignoring case. Nothing left is GEMRACE_USAGE.
 * @tests_dir/destructive-list.txt, where there is one, tells the destructive ones: lines of
 * binary@subtest, with * ? [set] in the subtest, and behind it the least profile that it does
 * anything in. A readable @cancel_fd (-1: none) ends it. plan_finish() frees what *@ret holds.
 */
int plan_build(const char *tests_dir, const struct strings *include, const struct strings *exclude,
	       int cancel_fd, struct plan *ret, struct diag *d);
void plan_finish(struct plan *plan);

/* What is destructive only in a higher profile than @profile will skip: it needs no VM for that. */
void plan_tame(struct plan *plan, const char *profile);

/* igt@binary@subtest, in lower case: the name results.json knows the test by. */
#define PLAN_NAME_MAX 512
void plan_name(const struct planned_test *test, char name[static PLAN_NAME_MAX]);

/* Reads the binaries' names out of a test-list.txt's text; the caller frees the list's strings. */
int plan_parse_test_list(const char *text, char ***ret_names, size_t *ret_count);

/*
 * Writes the tests that @skip (may be NULL) is not true of as igt@binary@subtest, one a line:
 * igt_runner's --test-list. Returns how many, or -errno.
 */
typedef bool (*plan_skip)(const void *data, const struct planned_test *test, const char *name);
int plan_write(const struct plan *plan, const char *path, plan_skip skip, const void *data);

#endif
