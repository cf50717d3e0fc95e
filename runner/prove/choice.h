/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_CHOICE_H
#define RUNNER_PROVE_CHOICE_H

#include "kbuild/version.h"

#include <stdbool.h>

struct diag;
struct mutant;
struct mutants;

/* Which mutants a run is about. */
struct choice {
	const struct mutants *mutants;
	const char *dir;  /* they came from */
	const char *only; /* --only: ids, comma-separated; NULL: all */
	struct kernel_version version;
	bool whole; /* the kernel itself can be changed, not only its modules */
};

/* GEMRACE_USAGE when --only, or what is called @option, names a mutant that is not there. */
int choice_check(const struct choice *choice, const char *option, struct diag *d);

/* Whether @mutant was asked for and is one for this kernel. */
bool choice_has(const struct choice *choice, const struct mutant *mutant);

/*
 * The tests of all chosen mutants that share the devices of @mutant, hence its control; empty (all
 * tests) if one of them names none. The array is the caller's, the strings are not. NULL: no
 * memory.
 */
char **choice_tests(const struct choice *choice, const struct mutant *mutant);

#endif
