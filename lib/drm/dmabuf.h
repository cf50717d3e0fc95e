/* SPDX-License-Identifier: MIT */
#ifndef DRM_DMABUF_H
#define DRM_DMABUF_H

#include <stddef.h>
#include <stdint.h>

#include "drm/io.h"

/** What a dma-buf's fd tells of it (dma_buf_show_fdinfo()). */
struct dmabuf_info {
	uint64_t size;  /**< bytes */
	uint64_t inode; /**< its identity: an object has one dma-buf, ever */
	int64_t count;  /**< references on its file, see below */
	char exporter[32];
};

/*
 * count: one for each fd; one while the exporting object has a handle (obj->dma_buf); one for each
 * file that has it in its prime cache; two while a foreign importing object has a handle
 * (its attachment's and its obj->dma_buf's) and one for each cached entry there.
 */

/**
 * Reads the text of /proc/self/fdinfo/N. The inode is not in it before Linux 5.14: 0 then.
 * Returns 0 or -EINVAL: not a dma-buf's, or malformed.
 */
int dmabuf_parse_fdinfo(const char *text, struct dmabuf_info *ret_info);

/** Asks the kernel, the inode by fstat(). 0 or -errno. */
int __dmabuf_info(int fd, struct dmabuf_info *ret_info);
void dmabuf_info(int fd, struct dmabuf_info *ret_info);

/** The identity alone: one fstat(), cheap enough for every attempt. 0 is never an inode. */
uint64_t dmabuf_inode(int fd);

/** DMA_BUF_IOCTL_SYNC around CPU access. @flags: DMA_BUF_SYNC_READ, _WRITE. 0 or -errno. */
int __dmabuf_sync_begin(const struct drm_io *io, int fd, uint64_t flags);
int __dmabuf_sync_end(const struct drm_io *io, int fd, uint64_t flags);

#endif
