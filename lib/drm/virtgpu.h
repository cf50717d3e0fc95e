/* SPDX-License-Identifier: MIT */
#ifndef DRM_VIRTGPU_H
#define DRM_VIRTGPU_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/file.h"

/* What only virtio-gpu has, also without 3D. */

/** Whether the file is virtio-gpu's. */
bool drm_is_virtgpu(const struct drm_file *file);

/**
 * A 2D resource of 32 by 32 pixels. *@ret_resource is the host's number of it, which the kernel
 * counts up. 0 or -errno.
 */
int __virtgpu_resource_create(const struct drm_file *file, uint32_t *ret_handle,
			      uint32_t *ret_resource);

/** The host's number of the resource behind @handle. -ENOENT: no such handle. */
int __virtgpu_resource_info(const struct drm_file *file, uint32_t handle, uint32_t *ret_resource);

#endif
