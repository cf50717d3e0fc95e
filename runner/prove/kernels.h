/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_KERNELS_H
#define RUNNER_PROVE_KERNELS_H

#include "kbuild/version.h"

#include <stdbool.h>

/* A header's "6.1-" or "6.1-6.12", both ends included. */
struct kernel_range {
	struct kernel_version first, last; /* last.major 0: no end */
};

/* 0, or -EINVAL when @s is not "FIRST-" or "FIRST-LAST", or ends before it begins. */
int kernel_range_parse(const char *s, struct kernel_range *ret);
bool kernel_range_has(const struct kernel_range *range, struct kernel_version version);

#endif
