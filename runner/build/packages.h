/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_PACKAGES_H
#define RUNNER_BUILD_PACKAGES_H

struct diag;
struct module_tree_request;

/* What the modules of a packaged kernel are built from: two folders of unpacked packages. */
struct build_packages {
	char *tools;  /* the kernel's headers, compiler and kbuild tools, with all they need */
	char *source; /* usr/src/linux-source-X.Y.tar.xz */
};

/*
 * Fetches linux-headers-RELEASE and linux-source-X.Y into the cache, from the suites this machine
 * is configured for or from unstable, once. GEMRACE_USAGE when no suite has that kernel.
 */
int build_packages_fetch(const struct module_tree_request *req, struct build_packages *ret,
			 struct diag *d);
/* The tools alone, for a module that is none of the kernel's own. The caller frees *@ret_tools. */
int build_tools_fetch(const struct module_tree_request *req, char **ret_tools, struct diag *d);

void build_packages_finish(struct build_packages *packages);

#endif
