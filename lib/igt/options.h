/* SPDX-License-Identifier: MIT */
#ifndef IGT_OPTIONS_H
#define IGT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define IGT_HOOKS_MAX 16

enum igt_mode {
	IGT_MODE_RUN,
	IGT_MODE_LIST,     /* --list-subtests */
	IGT_MODE_TESTLIST, /* --show-testlist */
	IGT_MODE_DESCRIBE, /* --describe */
	IGT_MODE_VERSION,  /* --version */
	IGT_MODE_HELP,     /* --help, --help-description, --help-hook: text in @help */
};

struct igt_options {
	enum igt_mode mode;
	const char *help;              /* what to print, for IGT_MODE_HELP */
	bool help_description;         /* the test's own description instead */
	const char *subtests;          /* pattern list, NULL for all */
	const char *dynamic;           /* pattern list, NULL for all */
	const char *device;            /* --device */
	const char *debug_domain;      /* --debug=DOMAIN, "" for all, NULL for none */
	const char *interactive_debug; /* --interactive-debug=WHERE, "all" without, NULL for none */
	bool skip_crc_compare;
	bool trace_on_oops;
	bool no_fork;
	const char *hooks[IGT_HOOKS_MAX]; /* --hook, as given */
	size_t hooks_count;
};

/*
 * Read the command line. Strings point into @argv. On a bad one returns -EINVAL with one line
 * that says what is wrong, no newline, in @ret_error.
 */
int igt_options_parse(struct igt_options *ret_options, int argc, char **argv, char *ret_error,
		      size_t error_size);

#endif
