/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_FRAGMENT_H
#define RUNNER_KBUILD_FRAGMENT_H

#include "kbuild/version.h"

#include <stddef.h>
#include <stdio.h>

struct diag;

/* What one line of a fragment asks Kconfig for. */
struct kconfig_wish {
	char *option; /* "CONFIG_KASAN" */
	char *value;  /* as in .config: y, m, a number, a quoted string; "n" for "is not set" */
	char *origin; /* "kasan.config:7" */
};

/* Each option once. All strings are owned; zeroed: empty. */
struct fragment {
	struct kconfig_wish *wishes;
	size_t count;
};

/*
 * Adds the lines of a fragment's @text that count for a kernel of @version:
 *
 *	CONFIG_KASAN=y
 *	# CONFIG_SLUB_TINY is not set
 *	CONFIG_SLUB_RCU_DEBUG=y		# since 6.12
 *	CONFIG_OLD=y			# until 6.14 (that one included), words
 *
 * Other lines that start with '#' are comments. An option that is there already gets the new value.
 * @name is the fragment's name for people. 0, -EINVAL with @d filled in for a line that is none of
 * these, -ENOMEM (@d filled in).
 */
int fragment_add(struct fragment *fragment, const char *name, const char *text,
		 struct kernel_version version, struct diag *d);

/* Writes what KCONFIG_ALLCONFIG reads. */
void fragment_write(const struct fragment *fragment, FILE *f);

/*
 * Compares what was asked for with the .config that came out, and calls @dropped for each wish that
 * was not granted, with the value it got ("n" where the option is not there at all). Returns their
 * number.
 */
size_t fragment_check(const struct fragment *fragment, const char *dotconfig,
		      void (*dropped)(void *data, const struct kconfig_wish *wish, const char *got),
		      void *data);

void fragment_finish(struct fragment *fragment);

#endif
