// SPDX-License-Identifier: MIT
#include "drm/driver.h"

#include <stddef.h>
#include <string.h>

/*
 * Exporters: drm_gem_prime_export() names its own module, drm, for every driver; i915 and
 * virtio-gpu have dma_buf_ops of their own.
 */
const struct drm_driver drm_drivers[] = {
	/* name, module, buffers, exporter */
	{ "vgem", "vgem", &drm_dumb_buffers, "drm" },
	{ "vkms", "vkms", &drm_dumb_buffers, "drm" },
	{ "virtio_gpu", "virtio_gpu", &drm_dumb_buffers, "virtio_gpu" },
	{ "bochs-drm", "bochs", &drm_dumb_buffers, "drm" },
	{ "qxl", "qxl", &drm_dumb_buffers, "drm" },
	{ "cirrus", "cirrus", &drm_dumb_buffers, "drm" },
	{ "cirrus-qemu", "cirrus_qemu", &drm_dumb_buffers, "drm" },
	{ "vmwgfx", "vmwgfx", &drm_dumb_buffers, "drm" },
	{ "vboxvideo", "vboxvideo", &drm_dumb_buffers, "drm" },
	{ "hyperv_drm", "hyperv_drm", &drm_dumb_buffers, "drm" },
	{ "simpledrm", "simpledrm", &drm_dumb_buffers, "drm" },
	{ "ofdrm", "ofdrm", &drm_dumb_buffers, "drm" },
	{ "efidrm", "efidrm", &drm_dumb_buffers, "drm" },
	{ "vesadrm", "vesadrm", &drm_dumb_buffers, "drm" },
	{ "ast", "ast", &drm_dumb_buffers, "drm" },
	{ "mgag200", "mgag200", &drm_dumb_buffers, "drm" },
	{ "hibmc", "hibmc_drm", &drm_dumb_buffers, "drm" },
	{ "gud", "gud", &drm_dumb_buffers, "drm" },
	{ "udl", "udl", &drm_dumb_buffers, "drm" },
	{ "nouveau", "nouveau", &drm_dumb_buffers, "drm" },
	{ "radeon", "radeon", &drm_dumb_buffers, "drm" },
	{ "vc4", "vc4", &drm_dumb_buffers, "drm" },
	{ "rockchip", "rockchipdrm", &drm_dumb_buffers, "drm" },
	{ "i915", "i915", &drm_i915_buffers, "i915" },
	{ "xe", "xe", &drm_xe_buffers, "drm" },
	{ "amdgpu", "amdgpu", &drm_amdgpu_buffers, "drm" },
	{ "msm", "msm", &drm_msm_buffers, "drm" },
	{ "panfrost", "panfrost", &drm_panfrost_buffers, "drm" },
	{ "v3d", "v3d", &drm_v3d_buffers, "drm" },
	{ 0 },
};

const struct drm_driver drm_driver_other = { "", "", &drm_dumb_buffers, "drm" };

const struct drm_driver *drm_driver_find(const char *name)
{
	const struct drm_driver *driver;

	for (driver = drm_drivers; driver->name; driver++)
		if (!strcmp(driver->name, name))
			return driver;
	return NULL;
}
