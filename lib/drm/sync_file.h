/* SPDX-License-Identifier: MIT */
#ifndef DRM_SYNC_FILE_H
#define DRM_SYNC_FILE_H

#include <stdint.h>

#include "drm/io.h"

/*
 * Sync files and the fences in a dma-buf's reservation. The kernel's rules, from
 * drivers/dma-buf/sync_file.c and dma-buf.c:
 *
 * - A sync_file holds a reference on its fence and on nothing else: no module, no device, no
 *   dma-buf.
 * - Exporting takes the fences that are in the reservation now, as one fence; none gives a stub
 *   that is signaled. Importing adds them to what is there; signaled ones stay in the reservation
 *   until somebody happens to drop them.
 * - Merging leaves both files as they are.
 *
 * Sync files are close-on-exec. Their fds are the caller's to close.
 */

#define SYNC_FILE_MAX_FENCES 8

/** One fence as SYNC_IOC_FILE_INFO tells it. */
struct sync_file_fence {
	char driver[33];
	char timeline[33];
	int status;           /**< 1 signaled, 0 not yet, or its error (-errno) */
	uint64_t signaled_ns; /**< CLOCK_MONOTONIC; 0: not yet */
};

struct sync_file_state {
	char name[33];
	int status; /**< of all of it: see sync_file_fence */
	unsigned int count;
	struct sync_file_fence fence[SYNC_FILE_MAX_FENCES];
};

/**
 * SYNC_IOC_FILE_INFO: asks every fence for its driver's and its timeline's name. 0 or -errno;
 * -EINVAL: more than SYNC_FILE_MAX_FENCES in it.
 */
int __sync_file_info(const struct drm_io *io, int fd, struct sync_file_state *ret_state);
void sync_file_info(const struct drm_io *io, int fd, struct sync_file_state *ret_state);

/** SYNC_IOC_MERGE. 0 or -errno; -ENOENT: @other is no sync_file. */
int __sync_file_merge(const struct drm_io *io, int fd, int other, int *ret_fd);
int sync_file_merge(const struct drm_io *io, int fd, int other);

/** SYNC_IOC_SET_DEADLINE, CLOCK_MONOTONIC. -ENOTTY: before Linux 6.6. */
int __sync_file_set_deadline(const struct drm_io *io, int fd, uint64_t deadline_ns);

/** Waits for the fence, 0 only looks. 1: signaled, 0: not within @timeout_ms, or -errno. */
int __sync_file_wait(int fd, int timeout_ms);
/** Asserts that it is signaled within the time. */
void sync_file_wait(int fd, int timeout_ms);

/**
 * DMA_BUF_IOCTL_EXPORT_SYNC_FILE. @flags: DMA_BUF_SYNC_READ exports the writers' fences,
 * DMA_BUF_SYNC_WRITE or _RW everybody's. -ENOTTY: before Linux 6.0.
 */
int __dmabuf_export_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int *ret_fd);
int dmabuf_export_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags);

/** DMA_BUF_IOCTL_IMPORT_SYNC_FILE: as a reader's fence, or with DMA_BUF_SYNC_WRITE a writer's. */
int __dmabuf_import_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int fd);
void dmabuf_import_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int fd);

/**
 * Waits for the fences in the reservation: POLLIN for the writers', POLLOUT for everybody's. 1:
 * none is left unsignaled, 0: not within @timeout_ms, or -errno.
 */
int __dmabuf_poll(int dmabuf, short events, int timeout_ms);

#endif
