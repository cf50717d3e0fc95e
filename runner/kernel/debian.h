/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KERNEL_DEBIAN_H
#define RUNNER_KERNEL_DEBIAN_H

#include "kernel/kernel.h"

struct diag;

/*
 * Debian's newest kernel image of a version ("6.12"; NULL: the newest of the suites this machine is
 * configured for), from the cache when it was fetched before, else fetched with apt.
 */
int debian_kernel(const struct kernel_request *req, const char *version, struct kernel *ret,
		  struct diag *d);

/*
 * Picks from package names, one a line, the newest linux-image of @version (NULL: any) that runs
 * here: amd64, neither cloud, nor real-time, nor unsigned, nor debug symbols. NULL when there is
 * none; the caller frees the name.
 */
char *debian_pick_image(const char *names, const char *version);

/* In kernel.c: a folder with a kernel image and lib/modules (or usr/lib/modules). */
int kernel_from_folder(const char *folder, struct kernel *ret, struct diag *d);

#endif
