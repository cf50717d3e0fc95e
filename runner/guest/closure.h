/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_CLOSURE_H
#define RUNNER_GUEST_CLOSURE_H

#include "guest/tree.h"

struct diag;

/*
 * Adds to @tree the shared libraries and the program interpreter that the ELF files in it need, and
 * those that these need, looking first in @root (a folder that looks like /, may be NULL), then in
 * the file's own run path, then on the host. @root goes first because its libc is the newer one:
 * what was linked against an older libc runs with it, not the other way round. All libraries land
 * in /lib.
 * 0 or -errno with @d filled in.
 */
int closure_add(struct tree *tree, const char *root, struct diag *d);

#endif
