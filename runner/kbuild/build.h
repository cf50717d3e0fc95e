/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_BUILD_H
#define RUNNER_KBUILD_BUILD_H

#include "kernel/kernel.h"

struct kernel_build_request {
	const char *source;         /* a source tree, an archive of one, or debian-source:VERSION */
	const char *flavour;        /* as flavour_find() takes it */
	const char *fragments;      /* folder that holds base.config and so on */
	const char *const *configs; /* more fragments, they win; NULL-terminated or NULL */
	const char *cache;          /* gemrace's cache folder, exists */
	int jobs;                   /* 0: one a CPU */
	struct notifier notifier;
};

/*
 * Builds an instrumented kernel out of tree, or finds the one built earlier from the same source,
 * fragments and compiler. *@ret_folder, which the caller frees, holds bzImage, config, System.map
 * and lib/modules/RELEASE, and is there whole or not at all. The build's own folder stays in the
 * cache: an interrupted build goes on there, and a changed source compiles only what changed.
 *
 * GEMRACE_USAGE: no such flavour, no kernel source, a tool missing, an option that Kconfig dropped.
 * GEMRACE_HARNESS: the build failed, no space, interrupted (SIGINT, SIGTERM and SIGHUP end the
 * build in order, -EINTR). 0 or -errno with @d filled in.
 */
int kernel_build(const struct kernel_build_request *req, char **ret_folder, struct diag *d);

#endif
