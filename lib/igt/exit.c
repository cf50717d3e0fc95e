// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "igt/assert.h"
#include "igt/child.h"
#include "igt/log.h"
#include "igt/state.h"

#define HANDLERS_MAX 16

/* A handler belongs to the process that installed it; a forked child inherits only the entry. */
static struct {
	igt_exit_handler call;
	pid_t owner;
} handlers[HANDLERS_MAX];
static _Atomic int handlers_count;

void igt_install_exit_handler(igt_exit_handler handler)
{
	int at = atomic_load(&handlers_count);
	pid_t self = getpid();

	for (int i = 0; i < at; i++)
		if (handlers[i].call == handler && handlers[i].owner == self)
			return;

	igt_assert_f(at < HANDLERS_MAX, "more than %d exit handlers\n", HANDLERS_MAX);
	handlers[at].call = handler;
	handlers[at].owner = self;
	atomic_store(&handlers_count, at + 1);
}

void igt_run_exit_handlers(int sig)
{
	/* Taken one by one, so a handler that dies or calls exit() is not run again. */
	for (;;) {
		int at = atomic_load(&handlers_count) - 1;

		if (at < 0)
			return;
		atomic_store(&handlers_count, at);
		if (handlers[at].owner == getpid())
			handlers[at].call(sig);
	}
}

void igt_leave(int code)
{
	igt_run_exit_handlers(0);
	igt_children_sweep();
	fflush(NULL);
	/* Only the first process runs what others registered with atexit(3). */
	if (igt_state.role == IGT_HARNESS) {
		igt_kmsg(6, "%s: exiting, ret=%d", igt_state.test, code);
		exit(code);
	}
	_exit(code);
}
