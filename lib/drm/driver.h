/* SPDX-License-Identifier: MIT */
#ifndef DRM_DRIVER_H
#define DRM_DRIVER_H

#include <stdint.h>

struct drm_file;

/** How a driver makes buffers. Sizes in bytes; errors as -errno. */
struct drm_buffer_ops {
	const char *name;
	/** @size is a multiple of the page size; *@ret_size may be larger. */
	int (*create)(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		      uint64_t *ret_size);
	/** The offset at which the drm file maps the buffer. */
	int (*mmap_offset)(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset);
};

/** What has to be known of a driver beforehand; everything else is asked: see drm/caps.h. */
struct drm_driver {
	const char *name; /**< as DRM_IOCTL_VERSION gives it */
	const struct drm_buffer_ops *buffers;
	/** exp_name in the fdinfo of its dma-bufs: "drm" unless the driver has its own ops */
	const char *exporter;
};

/** The entry for a driver's name, or NULL. */
const struct drm_driver *drm_driver_find(const char *name);

/**
 * The entry for a driver the table does not have: dumb buffers, which every driver of a display
 * offers through the same ioctl.
 */
extern const struct drm_driver drm_driver_other;

/** All entries, for walking through: ends with a NULL name. */
extern const struct drm_driver drm_drivers[];

extern const struct drm_buffer_ops drm_dumb_buffers;
extern const struct drm_buffer_ops drm_i915_buffers;
extern const struct drm_buffer_ops drm_xe_buffers;
extern const struct drm_buffer_ops drm_amdgpu_buffers;
extern const struct drm_buffer_ops drm_msm_buffers;
extern const struct drm_buffer_ops drm_panfrost_buffers;
extern const struct drm_buffer_ops drm_v3d_buffers;

#endif
