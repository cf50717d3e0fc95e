/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_PREPARE_H
#define RUNNER_PROVE_PREPARE_H

struct diag;
struct module_tree;
struct mutant;

/*
 * Turns @mutant into a module for the tree's kernel: parses, applies and compiles it, and makes
 * sure that the module differs from the one built from the source as it stands. *@ret_overlay is
 * the folder that holds the .ko file and nothing else (the caller frees the string); it stays in
 * the cache. GEMRACE_USAGE says which of these steps failed, and why.
 */
int mutant_build(struct module_tree *tree, const struct mutant *mutant, char **ret_overlay,
		 struct diag *d);

#endif
