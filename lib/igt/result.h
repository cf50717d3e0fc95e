/* SPDX-License-Identifier: MIT */
#ifndef IGT_RESULT_H
#define IGT_RESULT_H

/* Exit codes of a test binary, as igt_runner knows them. A crash adds its signal to 128. */
enum igt_exit_code {
	IGT_EXIT_SUCCESS = 0,
	IGT_EXIT_SKIP = 77,
	IGT_EXIT_INVALID = 79,
	IGT_EXIT_FAILURE = 98,
	IGT_EXIT_ABORT = 112,
};

/* What came of a subtest, ordered from the weakest to the strongest claim. */
enum igt_result {
	IGT_RESULT_NONE,
	IGT_RESULT_SKIP,
	IGT_RESULT_SUCCESS,
	IGT_RESULT_FAIL,
	IGT_RESULT_CRASH,
	IGT_RESULT_ABORT,
};

/* The word igt_runner expects on a result line. */
const char *igt_result_word(enum igt_result result);

/*
 * The result of a whole out of two parts: the stronger claim. One success among skips is a
 * success, one failure among successes is a failure.
 */
enum igt_result igt_result_merge(enum igt_result a, enum igt_result b);

/*
 * The exit status for @result; @sig is the signal of the first crash. A binary that ran nothing
 * (IGT_RESULT_NONE) counts as skipped.
 */
int igt_result_exit_code(enum igt_result result, int sig);

/* The result that an exit status of a forked child stands for; @wstatus as from waitpid(2). */
enum igt_result igt_result_from_status(int wstatus);

#endif
