/* SPDX-License-Identifier: MIT */
#ifndef DRM_KMS_H
#define DRM_KMS_H

#include <stdint.h>

#include "drm/file.h"

/*
 * Framebuffers, from drivers/gpu/drm/drm_framebuffer.c: a framebuffer belongs to the drm file that
 * made it and goes with RMFB or with the file; any file of the device can look it up. None of these
 * calls needs the master; GETFB and GETFB2 give a handle only to the master or with CAP_SYS_ADMIN.
 */

/** A picture of 32 by 32 pixels of 32 bits fills a buffer of GEM_SMALL bytes. */
#define KMS_SIDE 32

/** Skip without a CRTC. */
void drm_require_modeset(const struct drm_file *file);

/** DRM_IOCTL_MODE_ADDFB. -ENOENT or, with virtio-gpu, -EINVAL: no such handle. */
int __kms_add_fb(const struct drm_file *file, uint32_t handle, uint32_t *ret_fb);
uint32_t kms_add_fb(const struct drm_file *file, uint32_t handle);

/** DRM_IOCTL_MODE_ADDFB2, XRGB8888. Errors as above. */
int __kms_add_fb2(const struct drm_file *file, uint32_t handle, uint32_t *ret_fb);

/** A new handle of its buffer; 0: no handle for this file. -ENOENT: no such framebuffer. */
int __kms_get_fb(const struct drm_file *file, uint32_t fb, uint32_t *ret_handle);
int __kms_get_fb2(const struct drm_file *file, uint32_t fb, uint32_t *ret_handle);

/** -ENOENT: no such framebuffer, or another file's. */
int __kms_rm_fb(const struct drm_file *file, uint32_t fb);
void kms_rm_fb(const struct drm_file *file, uint32_t fb);

#endif
