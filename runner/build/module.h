/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_MODULE_H
#define RUNNER_BUILD_MODULE_H

#include "kernel/kernel.h"

struct diag;

/* A module that can be built on its own, beside a packaged kernel. */
struct kernel_module {
	const char *name;   /* as in a mutant's header */
	const char *target; /* what make is asked for, from drivers/gpu/drm */
};

/* NULL when @name is none of them. */
const struct kernel_module *kernel_module_find(const char *name);

/*
 * A place to build modules of one packaged kernel in: a root of the kernel's own suite, with the
 * compiler, kbuild tools and headers it was built with, and beside it the kernel's source as it is.
 * The host's compiler would not do: it lacks flags that the kernel was configured for.
 */
struct module_tree {
	char *release; /* uname -r */
	char *dir;     /* below the cache */
	char *root;    /* dir/root: to be filled with the tools at each build, and build/ */
	char *tools;   /* unpacked packages: the kernel's headers, compiler and what they need */
	char *source;  /* dir/source: pristine, kernel paths ("drivers/gpu/drm/drm_gem.c") */
	int lock;      /* held: one build at a time */
	int cancel_fd;
	struct notifier notifier;
};

struct module_tree_request {
	const char *release;
	const char *cache;
	int cancel_fd; /* readable: stop; -1: none */
	struct notifier notifier;
};

/*
 * Opens the tree for a kernel, made on first use from the packages linux-headers-RELEASE and
 * linux-source-X.Y and what they need. A tree that was not finished is made anew. A source of
 * another version than the kernel and a kernel that is not packaged are GEMRACE_USAGE, a failed
 * download or a full disk GEMRACE_HARNESS.
 */
int module_tree_open(const struct module_tree_request *req, struct module_tree *ret,
		     struct diag *d);
void module_tree_close(struct module_tree *tree);

/*
 * Builds @module with the files below @changed (kernel paths; @files names them, NULL-terminated)
 * in place of the source's own, or takes the result of an earlier build from the same content.
 * @changed may be NULL: the module as it stands. *@ret_path is the .ko file, in the cache; the
 * caller frees the string. GEMRACE_USAGE with the compiler's first error when it does not compile.
 */
int module_build(struct module_tree *tree, const struct kernel_module *module, const char *changed,
		 char *const *files, char **ret_path, struct diag *d);

#endif
