// SPDX-License-Identifier: MIT
/*
 * How each family of drivers makes a buffer and where it maps it. System memory wherever there is
 * a choice: the rules under test are those of the handle and the object, not of the placement.
 */
#include <amdgpu_drm.h>
#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <i915_drm.h>

#include "drm/driver.h"
#include "drm/file.h"
#include "drm/uapi.h"

/* The dumb ioctls take a picture, not a size: lines of 1024 pixels of 32 bits, one page each. */
#define DUMB_LINE 4096

static int dumb_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		       uint64_t *ret_size)
{
	struct drm_mode_create_dumb create = {
		.width = DUMB_LINE / 4,
		.bpp = 32,
	};
	uint64_t lines = (size + DUMB_LINE - 1) / DUMB_LINE;
	int ret;

	if (lines > UINT32_MAX)
		return -EINVAL;
	create.height = lines;
	ret = drm_ioctl(file, DRM_IOCTL_MODE_CREATE_DUMB, &create);
	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = create.size;
	return 0;
}

static int dumb_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	struct drm_mode_map_dumb map = { .handle = handle };
	int ret = drm_ioctl(file, DRM_IOCTL_MODE_MAP_DUMB, &map);

	if (ret < 0)
		return ret;
	*ret_offset = map.offset;
	return 0;
}

const struct drm_buffer_ops drm_dumb_buffers = {
	.name = "dumb",
	.create = dumb_create,
	.mmap_offset = dumb_mmap_offset,
};

static int i915_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		       uint64_t *ret_size)
{
	struct drm_i915_gem_create create = { .size = size };
	int ret = drm_ioctl(file, DRM_IOCTL_I915_GEM_CREATE, &create);

	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = create.size;
	return 0;
}

/* Write-back where the CPU shares memory with the GPU; discrete cards refuse all but FIXED. */
static int i915_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	static const uint64_t modes[] = { I915_MMAP_OFFSET_WB, I915_MMAP_OFFSET_FIXED };
	int ret = -EINVAL;

	for (unsigned int i = 0; i < 2; i++) {
		struct drm_i915_gem_mmap_offset map = { .handle = handle, .flags = modes[i] };

		ret = drm_ioctl(file, DRM_IOCTL_I915_GEM_MMAP_OFFSET, &map);
		if (ret >= 0) {
			*ret_offset = map.offset;
			return 0;
		}
		if (ret != -ENODEV && ret != -EINVAL)
			break;
	}
	return ret;
}

const struct drm_buffer_ops drm_i915_buffers = {
	.name = "i915",
	.create = i915_create,
	.mmap_offset = i915_mmap_offset,
};

static int amdgpu_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
			 uint64_t *ret_size)
{
	union drm_amdgpu_gem_create create = {
		.in = { .bo_size = size, .domains = AMDGPU_GEM_DOMAIN_GTT },
	};
	int ret = drm_ioctl(file, DRM_IOCTL_AMDGPU_GEM_CREATE, &create);

	if (ret < 0)
		return ret;
	*ret_handle = create.out.handle;
	*ret_size = size;
	return 0;
}

static int amdgpu_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	union drm_amdgpu_gem_mmap map = { .in = { .handle = handle } };
	int ret = drm_ioctl(file, DRM_IOCTL_AMDGPU_GEM_MMAP, &map);

	if (ret < 0)
		return ret;
	*ret_offset = map.out.addr_ptr;
	return 0;
}

const struct drm_buffer_ops drm_amdgpu_buffers = {
	.name = "amdgpu",
	.create = amdgpu_create,
	.mmap_offset = amdgpu_mmap_offset,
};

static int msm_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		      uint64_t *ret_size)
{
	struct msm_gem_new create = { .size = size, .flags = MSM_FLAG_CACHED };
	int ret = drm_ioctl(file, MSM_IOCTL_GEM_NEW, &create);

	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = size;
	return 0;
}

static int msm_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	struct msm_gem_info info = { .handle = handle, .info = MSM_QUERY_OFFSET };
	int ret = drm_ioctl(file, MSM_IOCTL_GEM_INFO, &info);

	if (ret < 0)
		return ret;
	*ret_offset = info.value;
	return 0;
}

const struct drm_buffer_ops drm_msm_buffers = {
	.name = "msm",
	.create = msm_create,
	.mmap_offset = msm_mmap_offset,
};

static int panfrost_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
			   uint64_t *ret_size)
{
	struct panfrost_create_bo create = { .size = size };
	int ret;

	if (size > UINT32_MAX)
		return -EINVAL;
	ret = drm_ioctl(file, PANFROST_IOCTL_CREATE_BO, &create);
	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = size;
	return 0;
}

static int v3d_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		      uint64_t *ret_size)
{
	struct v3d_create_bo create = { .size = size };
	int ret;

	if (size > UINT32_MAX)
		return -EINVAL;
	ret = drm_ioctl(file, V3D_IOCTL_CREATE_BO, &create);
	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = size;
	return 0;
}

static int render_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	struct render_mmap_bo map = { .handle = handle };
	int ret = drm_ioctl(file, RENDER_IOCTL_MMAP_BO, &map);

	if (ret < 0)
		return ret;
	*ret_offset = map.offset;
	return 0;
}

const struct drm_buffer_ops drm_panfrost_buffers = {
	.name = "panfrost",
	.create = panfrost_create,
	.mmap_offset = render_mmap_offset,
};

const struct drm_buffer_ops drm_v3d_buffers = {
	.name = "v3d",
	.create = v3d_create,
	.mmap_offset = render_mmap_offset,
};
