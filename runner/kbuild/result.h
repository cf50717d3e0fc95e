/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_RESULT_H
#define RUNNER_KBUILD_RESULT_H

#include "kbuild/make.h"

/*
 * Installs what @kbuild built as @folder: bzImage, config, System.map, lib/modules/RELEASE. It is
 * put together beside @folder and renamed, so that @folder is there whole or not at all. 0 or
 * -errno with @d filled in.
 */
int kbuild_install(const struct kbuild *kbuild, const char *folder, struct diag *d);

/*
 * Copies an installed kernel to @target, which must not exist or be an empty folder; whole or not
 * at all. 0 or -errno with @d filled in.
 */
int kbuild_copy_result(const char *folder, const char *target, int cancel_fd, struct diag *d);

/* Asks, before anything has been built, what kbuild_copy_result() will ask. */
int kbuild_target_check(const char *target, struct diag *d);

#endif
