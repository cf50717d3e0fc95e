/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_TOOL_H
#define RUNNER_BUILD_TOOL_H

struct diag;

/* A program run for its effect, and what it said. */
struct tool {
	const char *const *argv;
	const char *log; /* path of the file its stdout and stderr go to, or NULL */
	double timeout_s;
	int cancel_fd; /* -1: none */
};

/*
 * Runs it. *@ret_said is the line that tells most about a failure: the first one that has "error"
 * in it, else the last one ("" when it was silent); the caller frees it. Returns the exit status as
 * from a shell, -ENOENT when there is no such program, -ETIMEDOUT, -EINTR or another -errno.
 */
int tool_run(const struct tool *tool, char **ret_said);

#endif
