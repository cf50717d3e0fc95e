/* SPDX-License-Identifier: MIT */
#ifndef DRM_SW_SYNC_H
#define DRM_SW_SYNC_H

#include <stdint.h>

#include "drm/io.h"

/*
 * Software fences on a counter (drivers/dma-buf/sw_sync.c, CONFIG_SW_SYNC): a timeline is an open
 * file of debugfs, a fence is signaled once the counter reaches its value. Closing the timeline
 * signals the rest with the error -ENOENT. Creating a fence taints the kernel (soft lock-up).
 */

/** Opens a timeline, at 0. The fd, or -errno; -ENOENT: the kernel has none. */
int __sw_sync_open(const struct drm_io *io);
/** Skips where there is none. */
int sw_sync_require(const struct drm_io *io);

/** A sync_file with the fence of @value: signaled already when the counter is there. */
int __sw_sync_create(const struct drm_io *io, int timeline, uint32_t value, int *ret_fd);
int sw_sync_create(const struct drm_io *io, int timeline, uint32_t value);

/** Moves the counter on. */
int __sw_sync_inc(const struct drm_io *io, int timeline, uint32_t by);

#endif
