// SPDX-License-Identifier: MIT
#include "drm/driver.h"

#include <stddef.h>
#include <string.h>

/*
 * Exporters: drm_gem_prime_export() names its own module, drm, for every driver; i915 and
 * virtio-gpu have dma_buf_ops of their own.
 */
const struct drm_driver drm_drivers[] = {
	/* name, buffers, exporter */
	{ "vgem", &drm_dumb_buffers, "drm" },
	{ "vkms", &drm_dumb_buffers, "drm" },
	{ "virtio_gpu", &drm_dumb_buffers, "virtio_gpu" },
	{ "bochs-drm", &drm_dumb_buffers, "drm" },
	{ "qxl", &drm_dumb_buffers, "drm" },
	{ "cirrus", &drm_dumb_buffers, "drm" },
	{ "cirrus-qemu", &drm_dumb_buffers, "drm" },
	{ "vmwgfx", &drm_dumb_buffers, "drm" },
	{ "vboxvideo", &drm_dumb_buffers, "drm" },
	{ "hyperv_drm", &drm_dumb_buffers, "drm" },
	{ "simpledrm", &drm_dumb_buffers, "drm" },
	{ "ofdrm", &drm_dumb_buffers, "drm" },
	{ "efidrm", &drm_dumb_buffers, "drm" },
	{ "vesadrm", &drm_dumb_buffers, "drm" },
	{ "ast", &drm_dumb_buffers, "drm" },
	{ "mgag200", &drm_dumb_buffers, "drm" },
	{ "hibmc", &drm_dumb_buffers, "drm" },
	{ "gud", &drm_dumb_buffers, "drm" },
	{ "udl", &drm_dumb_buffers, "drm" },
	{ "nouveau", &drm_dumb_buffers, "drm" },
	{ "radeon", &drm_dumb_buffers, "drm" },
	{ "vc4", &drm_dumb_buffers, "drm" },
	{ "rockchip", &drm_dumb_buffers, "drm" },
	{ "i915", &drm_i915_buffers, "i915" },
	{ "xe", &drm_xe_buffers, "drm" },
	{ "amdgpu", &drm_amdgpu_buffers, "drm" },
	{ "msm", &drm_msm_buffers, "drm" },
	{ "panfrost", &drm_panfrost_buffers, "drm" },
	{ "v3d", &drm_v3d_buffers, "drm" },
	{ 0 },
};

const struct drm_driver drm_driver_other = { "", &drm_dumb_buffers, "drm" };

const struct drm_driver *drm_driver_find(const char *name)
{
	const struct drm_driver *driver;

	for (driver = drm_drivers; driver->name; driver++)
		if (!strcmp(driver->name, name))
			return driver;
	return NULL;
}
