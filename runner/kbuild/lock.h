/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_LOCK_H
#define RUNNER_KBUILD_LOCK_H

#include "kernel/kernel.h"

#include <stdbool.h>

/* Whether @cancel_fd (-1: never) has become readable. */
bool kbuild_cancelled(int cancel_fd);

/*
 * Takes the lock file @path, for as long as it takes another build to let go of it: that is said
 * once. Returns the descriptor that holds it; -EINTR when cancelled, -errno, with @d filled in.
 * make inherits it: one that outlives a killed gemrace still keeps others out.
 */
int kbuild_lock(const char *path, int cancel_fd, const struct notifier *notifier, struct diag *d);

#endif
