/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_EXEC_CANCEL_H
#define RUNNER_EXEC_CANCEL_H

#include <signal.h>
#include <stdbool.h>

/*
 * Ctrl-C and its kin as a file descriptor: while a struct cancel is open, SIGINT, SIGTERM and
 * SIGHUP do not end the program but make @fd readable, for good. SIGPIPE is ignored: a run whose
 * reader left still has a VM to end. One inside another leaves what came to the outer one too.
 */
struct cancel {
	int fd; /* signalfd, never read, so that every waiter sees it */
	sigset_t old_mask;
	struct sigaction old_pipe;
};

int cancel_open(struct cancel *cancel);
void cancel_close(struct cancel *cancel);
bool cancel_is_set(const struct cancel *cancel);

#endif
