/* SPDX-License-Identifier: MIT */
#ifndef SUITE_RACE_LOG_H
#define SUITE_RACE_LOG_H

#include <stddef.h>

#include "oracle/klog.h"
#include "race/race.h"

/** struct race_log - the kernel log while a race runs: a cry ends it, as a broken invariant does */
struct race_log {
	struct klog *klog; /* NULL where the log may not be read */
	size_t asked;      /* cries that are not held against the race */
	char place[64];    /* how the announcements of this race begin */
};

/** Watches the log from now on, for a race with @seed. Where it may not, nothing cries. */
void race_log_open(struct race_log *log, uint64_t seed);
void race_log_close(struct race_log *log);

/** For struct race_options.watch, with the log as its context. */
int race_log_watch(void *log, struct race_why *why);

/** The command that was announced last before the kernel cried, the log's; "" without one. */
const char *race_log_command(const struct race_log *log);

#endif
