/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_PREPARE_H
#define RUNNER_PROVE_PREPARE_H

struct diag;
struct module_tree;
struct mutant;

/* What a VM boots in place of the stock kernel: one of the two. The strings are in the cache. */
struct prepared {
	char *modules; /* folder that holds the .ko file and nothing else */
	char *kernel;  /* folder of a whole kernel */
};

/*
 * Turns @mutant into a module (or a kernel) for the tree's kernel: parses, applies and compiles it,
 * and makes sure that what comes out differs from what the source gives as it stands. GEMRACE_USAGE
 * says which of these steps failed, and why. prepared_finish() frees *@ret.
 */
int mutant_build(struct module_tree *tree, const struct mutant *mutant, struct prepared *ret,
		 struct diag *d);
void prepared_finish(struct prepared *prepared);

#endif
