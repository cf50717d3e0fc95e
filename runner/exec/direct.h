/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_EXEC_DIRECT_H
#define RUNNER_EXEC_DIRECT_H

#include "plan/plan.h"

#include <jansson.h>

struct cancel;

/*
 * Runs tests where there is no igt_runner: each subtest in a process of its own, the same results
 * document. It does not watch the kernel log; the tests' own oracles still do.
 */
struct direct {
	const char *tests_dir;
	const char *const *env; /* KEY=VALUE, may be NULL */
	const char *scratch;    /* an existing folder, for a test's stderr */
	double test_timeout_s;
	const struct cancel *cancel;

	/* May be NULL: the lines igt_runner --log-level verbose would print. */
	void (*line)(void *data, const char *line);
	void *data;
};

/* Adds the results of @plan's tests to @root. 0, or -errno: -EINTR when cancelled. */
int direct_run(const struct direct *direct, const struct plan *plan, json_t *root);

/*
 * What a test binary's output and exit status amount to. The word printed counts only as far as the
 * exit status agrees: a process that says SUCCESS and dies has crashed.
 */
const char *direct_word(const char *printed, int status);

/* Adds @test's result, and its dynamic subtests', from what it printed and how it exited. */
void direct_record(json_t *root, const struct planned_test *test, const char *out, const char *err,
		   int status, double seconds);

#endif
