/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_BOOT_H
#define RUNNER_PROVE_BOOT_H

#include "options.h"

#include <jansson.h>

struct diag;
struct proof;

/* One run of `gemrace vm`, a process of its own: what a broken kernel does to it stays there. */
struct boot {
	const struct options *options; /* kernel, profile, accelerator...: handed on */
	char *const *devices;          /* NULL-terminated */
	const char *modules;           /* folder of .ko files, NULL: the kernel's own */
	const char *kernel;            /* in place of the options' one, may be NULL */
	const char *tests_dir;         /* test binaries, NULL: this build's */
	char *const *tests;            /* "binary@subtest" patterns, NULL or empty: all */
	const char *dir;               /* results, created; replaced when it has some */
	int cancel_fd;

	bool first_only; /* stop at the first failure */
	/* What failed here over nothing known is left out: it would prove nothing. May be NULL. */
	const struct proof *known;
};

/*
 * Runs it and reads its results (caller owns *@ret). GEMRACE_HARNESS when there are none, with what
 * it said last; GEMRACE_USAGE when it did not take what it was asked for.
 */
int boot_run(const struct boot *boot, json_t **ret, struct diag *d);

/* The extended regular expression for igt@... names that a "binary@sub*" pattern stands for. */
char *boot_pattern_regex(const char *pattern);

#endif
