// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt/child.h"
#include "igt/log.h"
#include "igt/state.h"

static char operation[128];

static void handle(int sig)
{
	char reason[sizeof(operation) + 16];

	/* The alarm reaches any thread; only the main one can leave the subtest. */
	if (!igt_is_main_thread()) {
		syscall(SYS_tgkill, getpid(), getpid(), sig);
		return;
	}
	snprintf(reason, sizeof(reason), "Timed out: %s", operation);
	igt_critical("%s\n", reason);
	igt_end(IGT_RESULT_FAIL, 0, reason);
}

void igt_set_timeout(unsigned int seconds, const char *what)
{
	struct sigaction action = { .sa_handler = seconds ? handle : SIG_DFL,
				    .sa_flags = SA_NODEFER };

	alarm(0);
	snprintf(operation, sizeof(operation), "%s", what ?: "");
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}
