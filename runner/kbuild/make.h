/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_MAKE_H
#define RUNNER_KBUILD_MAKE_H

#include "kernel/kernel.h"

/* How to call kbuild: one source, one folder for everything it writes. */
struct kbuild {
	const char *source; /* never written to */
	const char *output; /* O= */
	const char *log;    /* everything make said, appended */
	int jobs;
	int cancel_fd;
	struct notifier notifier; /* may be empty */
};

/*
 * Runs make with @args (targets and NAME=VALUE, NULL-terminated), whatever make variables the
 * environment holds. Says every few seconds how many files of @what are done. 0 or -errno with @d
 * filled in: GEMRACE_HARNESS, the first error of the output and where the log is; its last lines go
 * to the notifier.
 */
int kbuild_make(const struct kbuild *kbuild, const char *what, const char *const *args,
		struct diag *d);

/* Whether a line of make's output says what went wrong, and not merely that something did. */
int kbuild_line_is_error(const char *line);

#endif
