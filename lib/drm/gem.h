/* SPDX-License-Identifier: MIT */
#ifndef DRM_GEM_H
#define DRM_GEM_H

#include <stdint.h>

#include "drm/file.h"

/*
 * GEM buffers on any driver. The kernel's rules, from drivers/gpu/drm/drm_gem.c:
 *
 * - A handle belongs to one drm file. GEM_OPEN gives a new handle each time; a PRIME import gives
 *   the handle the file has for the object already.
 * - A flink name belongs to the object, stays the same while the object has any handle in any
 *   file, and goes with the last one.
 */

/** Bytes of a buffer for tests that do not care. No more than one page on any architecture. */
#define GEM_SMALL 4096

/** Creates a buffer of at least @size bytes. 0 or -errno. */
int __gem_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle);
uint32_t gem_create(const struct drm_file *file, uint64_t size);

/** -EINVAL: no such handle. */
int __gem_close(const struct drm_file *file, uint32_t handle);
void gem_close(const struct drm_file *file, uint32_t handle);

/** Names the buffer. -ENOENT: no such handle, or its last one is going. */
int __gem_flink(const struct drm_file *file, uint32_t handle, uint32_t *ret_name);
uint32_t gem_flink(const struct drm_file *file, uint32_t handle);

/** Opens a buffer by name. -ENOENT: no such name. @ret_size may be NULL. */
int __gem_open(const struct drm_file *file, uint32_t name, uint32_t *ret_handle,
	       uint64_t *ret_size);
uint32_t gem_open(const struct drm_file *file, uint32_t name);

/**
 * Gives the object of @handle the free handle @new_handle instead. 0 or -errno, -ENOENT: no such
 * handle. Most kernels do not have the call: -EINVAL.
 */
int __gem_change_handle(const struct drm_file *file, uint32_t handle, uint32_t new_handle);

/** Where the drm file maps the buffer. It stays the same as long as the object lives. */
int __gem_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset);
uint64_t gem_mmap_offset(const struct drm_file *file, uint32_t handle);

/**
 * Maps @size bytes at an offset, for reading and writing. -EACCES: the file has no handle for the
 * object that is there (drm_vma_node_is_allowed()). -EINVAL: no object is.
 */
int __gem_mmap_at(const struct drm_file *file, uint64_t offset, size_t size, void **ret_ptr);

/** Maps the buffer through the drm file, for reading and writing; munmap() it. */
int __gem_mmap(const struct drm_file *file, uint32_t handle, size_t size, void **ret_ptr);
void *gem_mmap(const struct drm_file *file, uint32_t handle, size_t size);

#endif
