/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_TREE_H
#define RUNNER_BUILD_TREE_H

struct diag;
struct module_tree;
struct module_tree_request;

/* Where the source lies for the compiler, in the root; its folders as in the kernel's tree. */
#define TREE_BUILD "/build"

/*
 * Makes t->dir whole and sets t->tools: fetches the packages, unpacks the part of the source that
 * modules are built from and links it into the root. Does nothing when that was done before; starts
 * over when it was begun and not finished. The caller holds the lock.
 */
int tree_prepare(struct module_tree *t, const struct module_tree_request *req, struct diag *d);

/*
 * Puts the files named by @files from @changed in the place of the source's own, and the source's
 * own back in the place of what an earlier call had changed. Survives being interrupted: what is
 * changed is written down first.
 */
int tree_change(const struct module_tree *tree, const char *changed, char *const *files,
		struct diag *d);

/* VERSION.PATCHLEVEL.SUBLEVEL of a kernel's Makefile, in @version of @size bytes. 0 or -EINVAL. */
int tree_makefile_version(const char *makefile, char *version, int size);

/*
 * The kernel source in the folder @source must be that of the kernel that calls itself @release:
 * 6.12.117 for 6.12.117+deb12-amd64. Another one is GEMRACE_USAGE, -ESTALE.
 */
int tree_check_version(const char *source, const char *release, struct diag *d);

#endif
