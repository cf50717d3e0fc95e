// SPDX-License-Identifier: MIT
#include "drm/virtgpu.h"

#include <drm.h>
#include <string.h>
#include <virtgpu_drm.h>

/* the host's names for what a 2D resource has to be */
#define TARGET_2D       2
#define FORMAT_B8G8R8X8 2
#define SIDE            32

bool drm_is_virtgpu(const struct drm_file *file)
{
	return !strcmp(file->driver->name, "virtio_gpu");
}

int __virtgpu_resource_create(const struct drm_file *file, uint32_t *ret_handle,
			      uint32_t *ret_resource)
{
	struct drm_virtgpu_resource_create args = {
		.target = TARGET_2D,
		.format = FORMAT_B8G8R8X8,
		.width = SIDE,
		.height = SIDE,
		.depth = 1,
		.array_size = 1,
		.size = SIDE * SIDE * 4,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE, &args);

	if (ret < 0)
		return ret;
	*ret_handle = args.bo_handle;
	*ret_resource = args.res_handle;
	return 0;
}

int __virtgpu_resource_info(const struct drm_file *file, uint32_t handle, uint32_t *ret_resource)
{
	struct drm_virtgpu_resource_info args = { .bo_handle = handle };
	int ret = drm_ioctl(file, DRM_IOCTL_VIRTGPU_RESOURCE_INFO, &args);

	if (ret < 0)
		return ret;
	*ret_resource = args.res_handle;
	return 0;
}
