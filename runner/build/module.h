/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_MODULE_H
#define RUNNER_BUILD_MODULE_H

#include "kernel/kernel.h"

struct diag;

/* A part of the kernel that a changed source is built into. */
struct kernel_module {
	const char *name;   /* as in a mutant's header */
	const char *target; /* the .ko file below drivers/gpu/drm; NULL: the kernel itself */
};

/* NULL when @name is none of them. */
const struct kernel_module *kernel_module_find(const char *name);

/*
 * A place to build modules of one kernel in.
 *
 * Of a packaged kernel: a root of the kernel's own suite, with the compiler, kbuild tools and
 * headers it was built with, and beside it the kernel's source as it is. The host's compiler would
 * not do: it lacks flags that the kernel was configured for.
 *
 * Of one that `gemrace kernel build` made: the folder it was built in, which can make a changed
 * kernel as well.
 */
struct module_tree {
	char *release; /* uname -r */
	char *dir;     /* below the cache; what was built is kept in dir/built */
	char *source;  /* pristine, kernel paths ("drivers/gpu/drm/drm_gem.c") */
	char *lock;    /* path, see module_tree_lock() */
	char *root;    /* packaged: dir/root, to be filled with the tools at each build */
	char *tools;   /* packaged: unpacked headers, compiler and what they need */
	char *output;  /* built here: the folder it was built in; NULL: packaged */
	char *result;  /* built here: the folder with bzImage and lib/modules */
	int cancel_fd;
	struct notifier notifier;
};

struct module_tree_request {
	const struct kernel *kernel;
	const char *cache;
	int cancel_fd; /* readable: stop; -1: none */
	struct notifier notifier;
};

/*
 * Opens the tree for a kernel, made on first use from the packages linux-headers-RELEASE and
 * linux-source-X.Y and what they need. A tree that was not finished is made anew. A source of
 * another version than the kernel and a kernel that is neither packaged nor built by us are
 * GEMRACE_USAGE, a failed download or a full disk GEMRACE_HARNESS.
 */
int module_tree_open(const struct module_tree_request *req, struct module_tree *ret,
		     struct diag *d);
void module_tree_close(struct module_tree *tree);

/*
 * One build at a time: returns a descriptor that holds the tree's lock until it is closed. Says
 * once that it waits for another gemrace. -EINTR when cancelled, -errno.
 */
int module_tree_lock(const struct module_tree *tree, struct diag *d);

/*
 * Builds @module with the files below @changed (kernel paths; @files names them, NULL-terminated)
 * in place of the source's own, or takes the result of an earlier build from the same content.
 * @changed may be NULL: the module as it stands. The caller holds the lock. *@ret_path, a string
 * the caller frees, lies in the cache: the .ko file, or for the kernel itself its bzImage, in a
 * folder that can be booted. GEMRACE_USAGE with the compiler's first error when it does not
 * compile.
 */
int module_build(struct module_tree *tree, const struct kernel_module *module, const char *changed,
		 char *const *files, char **ret_path, struct diag *d);

#endif
