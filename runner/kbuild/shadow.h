/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_SHADOW_H
#define RUNNER_KBUILD_SHADOW_H

struct diag;

/*
 * Puts the files named by @files (kernel paths, NULL-terminated) from the folder @changed into the
 * build folder @output, where kbuild looks before it looks in the source: the source stays as it
 * is. Takes away what an earlier call put there. Survives being interrupted: what is put there is
 * written down first. The caller holds the build's lock. 0 or -errno with @d filled in.
 */
int shadow_set(const char *output, const char *changed, char *const *files, struct diag *d);

/* Takes it all away again; the next make compiles the source's own files. */
int shadow_clear(const char *output, struct diag *d);

#endif
