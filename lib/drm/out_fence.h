/* SPDX-License-Identifier: MIT */
#ifndef DRM_OUT_FENCE_H
#define DRM_OUT_FENCE_H

#include <stdint.h>

#include "drm/file.h"

/**
 * struct out_fence - a CRTC that is on, for commits that give a fence
 *
 * The fence of a commit is the CRTC's: its names and its lock are in memory of the device
 * (drm_crtc_create_fence()), and it is signaled when the commit is on the screen.
 */
struct out_fence {
	uint32_t crtc;
	uint32_t property; /* OUT_FENCE_PTR */
	uint32_t handle, fb;
};

/**
 * Turns a CRTC on with a buffer of its mode's size. Skips without atomic modesetting, without a
 * connector that has a mode, and where somebody else is master.
 */
void out_fence_require(const struct drm_file *file, struct out_fence *ret_out);

/** Turns it off again and gives its buffer back; closing the file does as well. */
void out_fence_finish(const struct drm_file *file, struct out_fence *out);

/** A commit that changes nothing, and its sync_file. 0 or -errno. */
int __out_fence_commit(const struct drm_file *file, const struct out_fence *out, int *ret_fd);
int out_fence_commit(const struct drm_file *file, const struct out_fence *out);

#endif
