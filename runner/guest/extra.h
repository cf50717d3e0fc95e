/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_EXTRA_H
#define RUNNER_GUEST_EXTRA_H

#include "guest/tree.h"

struct diag;

/* Where --add puts things in the guest. */
#define EXTRA_PATH "/add"

/*
 * Copies a file of the host, or a folder with all in it, to EXTRA_PATH under its own name. Links
 * are followed; what is neither a file nor a folder is left out. 0, or -errno with @d filled in:
 * GEMRACE_USAGE for what cannot be read or has the name of something that is there already.
 */
int extra_add(struct tree *tree, const char *host_path, struct diag *d);

#endif
