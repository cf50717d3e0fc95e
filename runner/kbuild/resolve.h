/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_RESOLVE_H
#define RUNNER_KBUILD_RESOLVE_H

#include "kernel/kernel.h"

#define KBUILD_PREFIX "build:"

/*
 * The kernel of a --kernel build:[FLAVOUR:]SOURCE, without the prefix: built now, or earlier.
 * Errors are kernel_build()'s.
 */
int kbuild_resolve(const struct kernel_request *req, const char *name, struct kernel *ret,
		   struct diag *d);

#endif
