// SPDX-License-Identifier: MIT
#include "drm/vgem.h"

#include <string.h>

#include "drm/uapi.h"
#include "igt/assert.h"

int __vgem_fence_attach(const struct drm_file *file, uint32_t handle, bool write,
			uint32_t *ret_fence)
{
	struct vgem_fence_attach args = {
		.handle = handle,
		.flags = write ? VGEM_FENCE_FLAG_WRITE : 0,
	};
	int ret = drm_ioctl(file, VGEM_IOCTL_FENCE_ATTACH, &args);

	if (ret < 0)
		return ret;
	*ret_fence = args.out_fence;
	return 0;
}

uint32_t vgem_fence_attach(const struct drm_file *file, uint32_t handle, bool write)
{
	uint32_t fence = 0;
	int ret = __vgem_fence_attach(file, handle, write, &fence);

	igt_assert_f(ret == 0, "VGEM_FENCE_ATTACH to handle %u: %s\n", handle, strerror(-ret));
	igt_assert_f(fence != 0, "fence 0, which stands for none, was given out\n");
	return fence;
}

int __vgem_fence_signal(const struct drm_file *file, uint32_t fence)
{
	struct vgem_fence_signal args = { .fence = fence };
	int ret = drm_ioctl(file, VGEM_IOCTL_FENCE_SIGNAL, &args);

	return ret < 0 ? ret : 0;
}

void vgem_fence_signal(const struct drm_file *file, uint32_t fence)
{
	int ret = __vgem_fence_signal(file, fence);

	igt_assert_f(ret == 0, "VGEM_FENCE_SIGNAL of fence %u: %s\n", fence, strerror(-ret));
}

bool vgem_has_fences(const struct drm_file *file)
{
	return !strcmp(file->driver->name, "vgem");
}
