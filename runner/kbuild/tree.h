/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_TREE_H
#define RUNNER_KBUILD_TREE_H

#include "kbuild/version.h"

struct diag;

/* A kernel's source, on disk, not to be written to. */
struct source_tree {
	char *path; /* absolute */
	struct kernel_version version;
	unsigned long long identity; /* changes with the content */
};

/*
 * Looks at the tree in @path. GEMRACE_USAGE when it is no kernel source or was built in (kbuild
 * refuses to build out of tree then). Its identity is made of the names, sizes and modification
 * times of all its files but git's own: what make goes by as well. 0 or -errno with @d filled in.
 */
int source_tree_open(const char *path, struct source_tree *ret, struct diag *d);

void source_tree_finish(struct source_tree *tree);

#endif
