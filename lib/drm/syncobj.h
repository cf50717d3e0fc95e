/* SPDX-License-Identifier: MIT */
#ifndef DRM_SYNCOBJ_H
#define DRM_SYNCOBJ_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/file.h"

/*
 * Sync objects, from drivers/gpu/drm/drm_syncobj.c: a container for a fence, or on a timeline for
 * a chain of them.
 *
 * - A handle belongs to one drm file and holds a reference; so does each fd, which may outlive
 *   handle and file. An fd gives a new handle each time.
 * - Destroying, resetting or signaling disturbs nobody who has the fence already.
 * - Point 0 is the fence itself (binary).
 *
 * All return 0 or -errno; -EOPNOTSUPP: the driver has none (-ENOSYS on very old kernels).
 */

/** Skips without sync objects; with @timeline, without timelines. */
void syncobj_require(const struct drm_file *file, bool timeline);

/** @flags: DRM_SYNCOBJ_CREATE_SIGNALED or 0. */
int __syncobj_create(const struct drm_file *file, uint32_t flags, uint32_t *ret_handle);
uint32_t syncobj_create(const struct drm_file *file, uint32_t flags);

/** -EINVAL: no such handle. */
int __syncobj_destroy(const struct drm_file *file, uint32_t handle);
void syncobj_destroy(const struct drm_file *file, uint32_t handle);

/** -EINVAL: no such handle. */
int __syncobj_handle_to_fd(const struct drm_file *file, uint32_t handle, int *ret_fd);
int syncobj_handle_to_fd(const struct drm_file *file, uint32_t handle);

/** -EINVAL: not the fd of a sync object. */
int __syncobj_fd_to_handle(const struct drm_file *file, int fd, uint32_t *ret_handle);
uint32_t syncobj_fd_to_handle(const struct drm_file *file, int fd);

/** The fence as a sync_file. -EINVAL: none in it; -ENOENT: no such handle. */
int __syncobj_export_sync_file(const struct drm_file *file, uint32_t handle, int *ret_fd);
int syncobj_export_sync_file(const struct drm_file *file, uint32_t handle);

/** Replaces the fence by a sync_file's. */
int __syncobj_import_sync_file(const struct drm_file *file, uint32_t handle, int fd);
void syncobj_import_sync_file(const struct drm_file *file, uint32_t handle, int fd);

/** Takes the fence out. -ENOENT: no such handle. */
int __syncobj_reset(const struct drm_file *file, uint32_t handle);
/** Replaces the fence by one that is signaled. */
int __syncobj_signal(const struct drm_file *file, uint32_t handle);
/** Adds a signaled fence as @point. */
int __syncobj_timeline_signal(const struct drm_file *file, uint32_t handle, uint64_t point);
void syncobj_timeline_signal(const struct drm_file *file, uint32_t handle, uint64_t point);

/** The last point that is signaled. */
int __syncobj_query(const struct drm_file *file, uint32_t handle, uint64_t *ret_point);

/** Copies the fence of @src_point to @dst_point. @flags: ..._WAIT_FOR_SUBMIT waits for it (5 s). */
int __syncobj_transfer(const struct drm_file *file, uint32_t dst, uint64_t dst_point, uint32_t src,
		       uint64_t src_point, uint32_t flags);

/**
 * Waits for @point (0: the fence) until @deadline_ns, CLOCK_MONOTONIC; 0 only looks. @flags:
 * DRM_SYNCOBJ_WAIT_FLAGS_*. -ETIME: not yet; -EINVAL: no fence, and not told to wait for one.
 */
int __syncobj_wait(const struct drm_file *file, uint32_t handle, uint64_t point,
		   int64_t deadline_ns, uint32_t flags);

/**
 * Adds 1 to the eventfd @fd once @point is signaled, or with ..._WAIT_AVAILABLE submitted.
 * -ENOTTY: before Linux 6.6 (-EINVAL: the ioctl's number is unknown to it).
 */
int __syncobj_eventfd(const struct drm_file *file, uint32_t handle, uint64_t point, uint32_t flags,
		      int fd);

#endif
