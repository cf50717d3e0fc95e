/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include "vm/vm.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct diag;

/* The commands, as bits: an option says which of them take it. */
enum command_id {
	COMMAND_LIST = 1 << 0,
	COMMAND_DESCRIBE = 1 << 1,
	COMMAND_RUN = 1 << 2,
	COMMAND_VM = 1 << 3,
	COMMAND_PROVE = 1 << 4,
};

/* A NULL-terminated list of borrowed strings. */
struct strings {
	const char **at;
	size_t count;
};

/* What the command line said; zero where it said nothing, but for cpus, memory and devices. */
struct options {
	struct strings include, exclude; /* extended regular expressions */
	const char *profile;             /* quick, full or soak */
	double race_time_s;              /* per race, < 0: the profile's */
	const char *seed;                /* decimal or 0x..., checked */
	const char *results;             /* folder */
	const char *tests;               /* folder of test binaries */
	const char *igt_runner;
	const char *known;    /* folder of known defects */
	const char *kmemleak; /* on or off, NULL: as the profile says */
	const char *census;   /* what to count objects with: as GEMRACE_CENSUS */
	bool overwrite, json, verbose;
	bool destructive; /* subtests that may kill the kernel may run */

	const char *kernel;
	const char *modules; /* folder of modules that take the place of the kernel's */
	struct strings devices;
	enum vm_accel accel;
	int cpus, memory_mib;
	const char *append;
	int jobs;                   /* VMs at once, where they do not race */
	struct strings add;         /* files and folders for the guest */
	const char *const *command; /* what the guest runs instead of tests, or NULL */
	int timeout_s;              /* per VM, 0: worked out from the tests */
	bool keep, selftest;

	const char *mutants;   /* folder of semantic patches */
	const char *only;      /* their ids, comma-separated; NULL: all */
	const char *json_file; /* where prove writes its records */
	const char *report;    /* where it writes a page for people */
	struct strings with;   /* records of earlier runs that go into the report */
	bool blind, build_only, page_only, igt;
	int boots;            /* of each mutant */
	int control_boots;    /* of the stock kernel */
	int igt_boots;        /* the same for IGT's tests, 0: not said */
	const char *igt_only; /* the mutants they get, comma-separated; NULL: all */

	bool help;
	char *device_words;           /* owned: what devices points into */
	const char *shell_command[4]; /* what command points to for --exec */
};

/*
 * Parses the arguments after the command's name. 0, or -EINVAL with @d filled in (GEMRACE_USAGE).
 * The strings are borrowed from @argv; options_finish() frees the rest, also after a failure.
 */
int options_parse(enum command_id command, int argc, char *const *argv, struct options *ret,
		  struct diag *d);
void options_finish(struct options *options);

/* Prints the options @command takes, one a line. */
void options_print(FILE *f, enum command_id command);

/* What --accel calls it. */
const char *options_accel_word(enum vm_accel accel);

/* Appends @s, borrowed. 0 or -ENOMEM. */
int strings_add(struct strings *list, const char *s);

#endif
