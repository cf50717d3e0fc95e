/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_TOOLCHAIN_H
#define RUNNER_KBUILD_TOOLCHAIN_H

struct diag;

/*
 * Looks for all a kernel build needs. What is missing is named in one line, with the packages that
 * have it (GEMRACE_USAGE). On success *@ret_version identifies compiler and linker; the caller
 * frees it. 0 or -errno with @d filled in.
 */
int toolchain_check(char **ret_version, struct diag *d);

#endif
