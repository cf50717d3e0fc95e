/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_OUTPUT_H
#define RUNNER_BUILD_OUTPUT_H

struct diag;
struct kernel;
struct kernel_module;
struct module_tree;

/* Whether `gemrace kernel build` made this kernel, and the folder it was built in is there. */
int output_is_ours(const struct kernel *kernel);

/*
 * Fills in t->output, result, source and lock. GEMRACE_USAGE when the folder has been used for
 * another configuration since. The caller frees them also after a failure.
 */
int output_open(const struct kernel *kernel, struct module_tree *t, struct diag *d);

/* The part of module_build() that compiles: what it made is *@ret_built, in t->output. */
int output_build(const struct module_tree *t, const struct kernel_module *module,
		 const char *changed, char *const *files, char **ret_built, struct diag *d);

/* Makes the folder of @bzimage one that can be booted: with the result's modules. */
int output_complete(const struct module_tree *t, const char *bzimage, struct diag *d);

#endif
