/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_EXEC_IGT_H
#define RUNNER_EXEC_IGT_H

#include "options.h"

struct diag;

/* KEY=VALUE settings of the test binaries; NULL-terminated, on the heap. */
struct settings {
	char **at;
	size_t count;
};

/* What --profile, --race-time, --seed, --census and --destructive mean to a test binary. */
int settings_make(const struct options *options, struct settings *ret);
void settings_finish(struct settings *settings);

/* Seconds after which a test that does not end is hung, by the profile and --race-time. */
int igt_test_timeout_s(const struct options *options);

/* A command line; the strings are its own. */
struct igt_command {
	char **argv;
	size_t count;
};

enum igt_flags {
	IGT_SYNC = 1 << 0, /* every line of results to the disk at once: it may be the last */
	IGT_STOP_ON_TAINT = 1 << 1, /* or lockdep giving up: later tests would be blamed for it */
};

/*
 * igt_runner for the tests in @test_list, with paths as seen where it will run. A test that does
 * not end in @test_timeout_s seconds is killed. 0 or -errno.
 */
int igt_command_run(const struct settings *settings, const char *program, unsigned int flags,
		    int test_timeout_s, const char *test_list, const char *tests_dir,
		    const char *results_dir, struct igt_command *ret);
/* The same for igt_resume, which goes on in the folder of a run that was cut off. */
int igt_command_resume(const char *program, const char *results_dir, struct igt_command *ret);
void igt_command_finish(struct igt_command *command);

/*
 * Why an exit status of igt_runner, as from a shell, says that it did not do its work: it could not
 * be run, or died. NULL: it ended by itself; what it found is in its results.
 */
const char *igt_status_problem(int status, char *buf, size_t size);

/*
 * Finds igt_runner: --igt-runner, else PATH. *@ret_path is NULL where there is none (the caller
 * frees); naming one that cannot be run is GEMRACE_USAGE.
 */
int igt_find(const char *wanted, char **ret_path, struct diag *d);

/*
 * Makes DIR/results.json of an igt_runner folder whose runner did not get that far, with
 * igt_results beside @runner, or with the one in @root, a folder as from igt_root_resolve(); either
 * may be NULL.
 */
int igt_make_results(const char *runner, const char *root, const char *dir, struct diag *d);

#endif
