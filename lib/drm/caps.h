/* SPDX-License-Identifier: MIT */
#ifndef DRM_CAPS_H
#define DRM_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/file.h"

/** What a device can do, as it says itself. */
struct drm_caps {
	bool dumb_buffer;
	bool prime_export;
	bool prime_import;
	bool syncobj;
	bool syncobj_timeline;
	bool modeset; /**< it has at least one CRTC */
	bool flink;   /**< this file may name and open buffers: DRM_AUTH, and GEM at all */
};

/** Asks. A capability the kernel does not know of is one the device does not have. */
void drm_caps_ask(const struct drm_file *file, struct drm_caps *ret_caps);

/** DRM_IOCTL_GET_CAP: 0 or -errno. */
int __drm_get_cap(const struct drm_file *file, uint64_t cap, uint64_t *ret_value);

/** Skip without it. */
void drm_require_buffers(const struct drm_file *file);
void drm_require_flink(const struct drm_file *file);
void drm_require_prime(const struct drm_file *file);

#endif
