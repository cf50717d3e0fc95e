// SPDX-License-Identifier: MIT
#include "drm/caps.h"

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <string.h>

#include "drm/gem.h"
#include "igt/assert.h"

int __drm_get_cap(const struct drm_file *file, uint64_t cap, uint64_t *ret_value)
{
	struct drm_get_cap args = { .capability = cap };
	int ret = drm_ioctl(file, DRM_IOCTL_GET_CAP, &args);

	if (ret < 0)
		return ret;
	*ret_value = args.value;
	return 0;
}

static uint64_t cap_or_0(const struct drm_file *file, uint64_t cap)
{
	uint64_t value;

	return __drm_get_cap(file, cap, &value) ? 0 : value;
}

/* Name 0 is never given out: -ENOENT says that names work here, anything else that they do not. */
static int flink_probe(const struct drm_file *file)
{
	uint32_t handle;
	int ret = __gem_open(file, 0, &handle, NULL);

	return ret == -ENOENT ? 0 : ret ? ret : -EPROTO;
}

static bool has_crtc(const struct drm_file *file)
{
	struct drm_mode_card_res res = { 0 };

	return drm_ioctl(file, DRM_IOCTL_MODE_GETRESOURCES, &res) >= 0 && res.count_crtcs;
}

void drm_caps_ask(const struct drm_file *file, struct drm_caps *ret_caps)
{
	uint64_t prime = cap_or_0(file, DRM_CAP_PRIME);

	*ret_caps = (struct drm_caps){
		.dumb_buffer = cap_or_0(file, DRM_CAP_DUMB_BUFFER),
		.prime_export = prime & DRM_PRIME_CAP_EXPORT,
		.prime_import = prime & DRM_PRIME_CAP_IMPORT,
		.syncobj = cap_or_0(file, DRM_CAP_SYNCOBJ),
		.syncobj_timeline = cap_or_0(file, DRM_CAP_SYNCOBJ_TIMELINE),
		.modeset = has_crtc(file),
		.flink = flink_probe(file) == 0,
	};
}

void drm_require_buffers(const struct drm_file *file)
{
	uint32_t handle;
	int ret = __gem_create(file, GEM_SMALL, &handle);

	igt_require_f(ret == 0, "no %s buffers: %s\n", file->driver->buffers->name, strerror(-ret));
	gem_close(file, handle);
}

void drm_require_flink(const struct drm_file *file)
{
	int ret = flink_probe(file);

	igt_require_f(ret == 0, "no flink names: %s\n", strerror(-ret));
}

void drm_require_prime(const struct drm_file *file)
{
	struct drm_caps caps;

	drm_caps_ask(file, &caps);
	igt_require_f(caps.prime_export, "no PRIME export\n");
	igt_require_f(caps.prime_import, "no PRIME import\n");
}
