// SPDX-License-Identifier: MIT
#include "igt/result.h"

#include <sys/wait.h>

static const struct {
	const char *word;
	int exit_code;
} results[] = {
	[IGT_RESULT_NONE] = { "INCOMPLETE", IGT_EXIT_SKIP },
	[IGT_RESULT_SKIP] = { "SKIP", IGT_EXIT_SKIP },
	[IGT_RESULT_SUCCESS] = { "SUCCESS", IGT_EXIT_SUCCESS },
	[IGT_RESULT_FAIL] = { "FAIL", IGT_EXIT_FAILURE },
	[IGT_RESULT_CRASH] = { "CRASH", 128 },
	/* igt_runner has no word for it on a result line; the exit code makes it "abort". */
	[IGT_RESULT_ABORT] = { "FAIL", IGT_EXIT_ABORT },
};

const char *igt_result_word(enum igt_result result)
{
	return results[result].word;
}

enum igt_result igt_result_merge(enum igt_result a, enum igt_result b)
{
	return a > b ? a : b;
}

int igt_result_exit_code(enum igt_result result, int sig)
{
	return results[result].exit_code + (result == IGT_RESULT_CRASH ? sig : 0);
}

enum igt_result igt_result_from_status(int wstatus)
{
	if (WIFSIGNALED(wstatus))
		return IGT_RESULT_CRASH;
	if (!WIFEXITED(wstatus))
		return IGT_RESULT_NONE;

	switch (WEXITSTATUS(wstatus)) {
	case IGT_EXIT_SUCCESS:
		return IGT_RESULT_SUCCESS;
	case IGT_EXIT_SKIP:
		return IGT_RESULT_SKIP;
	case IGT_EXIT_ABORT:
		return IGT_RESULT_ABORT;
	default:
		return IGT_RESULT_FAIL;
	}
}
