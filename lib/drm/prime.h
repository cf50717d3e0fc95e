/* SPDX-License-Identifier: MIT */
#ifndef DRM_PRIME_H
#define DRM_PRIME_H

#include <stdint.h>

#include "drm/file.h"

/*
 * PRIME, from drivers/gpu/drm/drm_prime.c: one dma-buf per object as long as either lives, one
 * handle per file and dma-buf, whatever the order of export, import and close.
 */

/** Exports. Readable and writable, close-on-exec. -ENOENT: no such handle. */
int __prime_handle_to_fd(const struct drm_file *file, uint32_t handle, int *ret_fd);
int prime_handle_to_fd(const struct drm_file *file, uint32_t handle);

/** Imports. */
int __prime_fd_to_handle(const struct drm_file *file, int fd, uint32_t *ret_handle);
uint32_t prime_fd_to_handle(const struct drm_file *file, int fd);

#endif
