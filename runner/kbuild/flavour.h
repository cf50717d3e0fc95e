/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_FLAVOUR_H
#define RUNNER_KBUILD_FLAVOUR_H

#include "kbuild/fragment.h"

#define FLAVOUR_DEFAULT "kasan"

/* A kind of instrumented kernel: fragments of ci/kernel, in order. */
struct flavour {
	const char *name;
	const char *summary;
	const char *files[8]; /* NULL-terminated */
};

/* NULL where @i is behind the last one. */
const struct flavour *flavour_at(size_t i);

/* NULL: FLAVOUR_DEFAULT. GEMRACE_USAGE with @d filled in where there is none of that name. */
int flavour_find(const char *name, const struct flavour **ret, struct diag *d);

/*
 * Reads the fragments of @flavour from @folder, and @more files (NULL-terminated or NULL) behind
 * them, as far as they count for @version. 0 or -errno with @d filled in; fragment_finish() in any
 * case.
 */
int flavour_load(const struct flavour *flavour, const char *folder, const char *const *more,
		 struct kernel_version version, struct fragment *ret, struct diag *d);

#endif
