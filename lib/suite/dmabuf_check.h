/* SPDX-License-Identifier: MIT */
#ifndef SUITE_DMABUF_CHECK_H
#define SUITE_DMABUF_CHECK_H

#include <stdint.h>

#include "race/race.h"

/** Invariants of a dma-buf, for a scenario's check(): 0 when they hold, else -1 with the reason. */

/** It has @want references, which are @made_of. See drm/dmabuf.h. */
int dmabuf_check_count(int fd, int64_t want, const char *made_of, struct race_why *why);

/** It is the one the object has had before. */
int dmabuf_check_inode(int fd, uint64_t want, struct race_why *why);

#endif
