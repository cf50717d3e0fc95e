// SPDX-License-Identifier: MIT
#include "drm/kms.h"

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <string.h>

#include "drm/caps.h"
#include "igt/assert.h"

#define PITCH (KMS_SIDE * 4)

void drm_require_modeset(const struct drm_file *file)
{
	struct drm_caps caps;

	drm_caps_ask(file, &caps);
	igt_require_f(caps.modeset, "no display: the device has no CRTC\n");
}

int __kms_add_fb(const struct drm_file *file, uint32_t handle, uint32_t *ret_fb)
{
	struct drm_mode_fb_cmd args = {
		.width = KMS_SIDE,
		.height = KMS_SIDE,
		.pitch = PITCH,
		.bpp = 32,
		.depth = 24,
		.handle = handle,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_ADDFB, &args);

	if (ret < 0)
		return ret;
	*ret_fb = args.fb_id;
	return 0;
}

uint32_t kms_add_fb(const struct drm_file *file, uint32_t handle)
{
	uint32_t fb = 0;
	int ret = __kms_add_fb(file, handle, &fb);

	igt_assert_f(ret == 0, "ADDFB of handle %u: %s\n", handle, strerror(-ret));
	igt_assert_f(fb != 0, "framebuffer 0, which stands for none, was given out\n");
	return fb;
}

int __kms_add_fb2(const struct drm_file *file, uint32_t handle, uint32_t *ret_fb)
{
	struct drm_mode_fb_cmd2 args = {
		.width = KMS_SIDE,
		.height = KMS_SIDE,
		.pixel_format = DRM_FORMAT_XRGB8888,
		.handles = { handle },
		.pitches = { PITCH },
	};
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_ADDFB2, &args);

	if (ret < 0)
		return ret;
	*ret_fb = args.fb_id;
	return 0;
}

int __kms_get_fb(const struct drm_file *file, uint32_t fb, uint32_t *ret_handle)
{
	struct drm_mode_fb_cmd args = { .fb_id = fb };
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_GETFB, &args);

	if (ret < 0)
		return ret;
	*ret_handle = args.handle;
	return 0;
}

int __kms_get_fb2(const struct drm_file *file, uint32_t fb, uint32_t *ret_handle)
{
	struct drm_mode_fb_cmd2 args = { .fb_id = fb };
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_GETFB2, &args);

	if (ret < 0)
		return ret;
	*ret_handle = args.handles[0];
	return 0;
}

int __kms_rm_fb(const struct drm_file *file, uint32_t fb)
{
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_RMFB, &fb);

	return ret < 0 ? ret : 0;
}

void kms_rm_fb(const struct drm_file *file, uint32_t fb)
{
	int ret = __kms_rm_fb(file, fb);

	igt_assert_f(ret == 0, "RMFB of framebuffer %u: %s\n", fb, strerror(-ret));
}
