/* SPDX-License-Identifier: MIT */
#ifndef SUITE_IMPORT_MAP_H
#define SUITE_IMPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drm/file.h"

/**
 * Imports @fd and maps it through the drm file, @size bytes for reading and writing. The handle is
 * returned whatever comes of the mapping: 0 or -errno.
 *
 * The dumb-buffer ioctl tells no offset for an imported object (drm_gem_dumb_map_offset()), but it
 * has one: the place that a native buffer of the same size has just left. A driver that does tell
 * is asked. Whose pages these are is for the caller to see.
 */
int __import_map(const struct drm_file *file, int fd, size_t size, uint32_t *ret_handle,
		 void **ret_ptr);

/** Whether a mapping is the dma-buf's own (vma_set_file()), and so holds a reference on it. */
bool import_map_is_dmabuf(const void *ptr, int fd);

#endif
