/* SPDX-License-Identifier: MIT */
#ifndef DRM_VGEM_H
#define DRM_VGEM_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/file.h"

/*
 * vgem's fences (drivers/gpu/drm/vgem/vgem_fence.c): made unsignaled in the reservation of a
 * buffer, signaled by the ioctl, by closing the drm file that made them, or after 10 s.
 */
#define VGEM_FENCE_TIMEOUT_MS 10000

/**
 * Attaches a fence, a writer's with @write. 0 or -errno; -EBUSY: an unsignaled one is there that
 * conflicts; -ENOENT: no such handle.
 */
int __vgem_fence_attach(const struct drm_file *file, uint32_t handle, bool write,
			uint32_t *ret_fence);
uint32_t vgem_fence_attach(const struct drm_file *file, uint32_t handle, bool write);

/** -ENOENT: no such fence, or signaled here already; -ETIMEDOUT: the 10 s had done it. */
int __vgem_fence_signal(const struct drm_file *file, uint32_t fence);
void vgem_fence_signal(const struct drm_file *file, uint32_t fence);

/** Whether the file is vgem's. */
bool vgem_has_fences(const struct drm_file *file);

#endif
