/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_EXEC_PROCESS_H
#define RUNNER_EXEC_PROCESS_H

#include <stdbool.h>

struct process {
	const char *const *argv; /* argv[0]: a path, or a name looked up in PATH */
	const char *const *env;  /* KEY=VALUE added to the environment, may be NULL */
	const char *stderr_path; /* NULL: /dev/null; "": with stdout */
	double timeout_s;        /* 0: none */
	int cancel_fd;           /* readable: end it; -1: none */
	int *pid;                /* its process id is put there; may be NULL */

	/* May be NULL. @line has no newline and is valid for the call. */
	void (*line)(void *data, const char *line);
	void *data;
};

/*
 * Runs a program with stdin at /dev/null and hands out its stdout line by line until it ends.
 * *@ret_status is as from a shell: 128+signal for a death. Out of time it returns -ETIMEDOUT, when
 * cancelled -EINTR; then the program got SIGTERM, a few seconds to comply, and SIGKILL. Other
 * errors: -errno. Whatever it leaves behind is killed, daemons too, and it goes when we do.
 */
int process_run(const struct process *process, int *ret_status);

/* Runs @argv and returns its whole stdout; the caller frees. Its stderr is dropped. */
int process_capture(const char *const *argv, double timeout_s, int cancel_fd, char **ret_text,
		    int *ret_status);

#endif
