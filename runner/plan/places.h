/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PLAN_PLACES_H
#define RUNNER_PLAN_PLACES_H

struct diag;

/*
 * Where the parts of gemrace are: beside this program in the build tree, or in libexec once
 * installed (also under DESTDIR or after a move: looked for from the program's own place first).
 */
struct places {
	char *tests;    /* folder with test-list.txt and the binaries it names */
	char *selftest; /* the same for the harness's self-tests */
	char *bench;    /* what measures, for the guest; may not be there */
	char *init;     /* the guest's first process */
};

/* @tests: --tests, or NULL. 0, or -errno with @d filled in. places_finish() frees the strings. */
int places_find(const char *tests, struct places *ret, struct diag *d);
void places_finish(struct places *places);

/* The folder of this project's known defects. The caller frees it. */
int places_find_known(char **ret, struct diag *d);

/* The folder of the fragments that kernels are configured from. The caller frees it. */
int places_find_fragments(char **ret, struct diag *d);

/* The folder of this project's mutants. The caller frees it. */
int places_find_mutants(char **ret, struct diag *d);

/* The library that IGT's own tests are preloaded with as a baseline. The caller frees it. */
int places_find_peer(char **ret, struct diag *d);

#endif
