/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_DEBIAN_SOURCE_H
#define RUNNER_KBUILD_DEBIAN_SOURCE_H

#include "kernel/kernel.h"

#define DEBIAN_SOURCE_PREFIX "debian-source:"

/*
 * Debian's linux-source archive of a version ("7.2"), from the cache when it was fetched before,
 * else fetched with apt from the suites this machine is configured for, else from sid. The caller
 * frees *@ret_archive. GEMRACE_USAGE when there is no such package. 0 or -errno with @d filled in.
 */
int debian_source(const char *version, const char *cache, const struct notifier *notifier,
		  char **ret_archive, struct diag *d);

#endif
