/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_VERSION_H
#define RUNNER_KBUILD_VERSION_H

/* The part of a kernel's version that decides which options it has: 7.2 of 7.2.13. */
struct kernel_version {
	int major, minor;
};

/* Less than, equal to or greater than zero, as @a is older than, the same as or newer than @b. */
int kernel_version_compare(struct kernel_version a, struct kernel_version b);

/*
 * Reads "7.2" at the start of @s; *@ret_end is what follows. -EINVAL when there is none, then
 * nothing is written.
 */
int kernel_version_parse(const char *s, struct kernel_version *ret, const char **ret_end);

/* Reads VERSION and PATCHLEVEL of a kernel's top Makefile. -ENOENT when it is no such thing. */
int kernel_version_from_makefile(const char *text, struct kernel_version *ret);

#endif
