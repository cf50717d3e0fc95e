// SPDX-License-Identifier: MIT
/* xe asks for a placement, so the memory regions have to be asked for first. */
#include <errno.h>
#include <stdlib.h>

#include "drm/driver.h"
#include "drm/file.h"
#include "drm/uapi.h"

/* No device comes near: a bound, so that a wrong size from the kernel is an error, not a malloc. */
#define XE_REGIONS_MAX_SIZE 65536

static int xe_system_region(const struct drm_file *file, struct xe_mem_region *ret_region)
{
	struct xe_device_query query = { .query = XE_QUERY_MEM_REGIONS };
	struct xe_query_mem_regions *regions;
	size_t room;
	int ret;

	ret = drm_ioctl(file, XE_IOCTL_DEVICE_QUERY, &query);
	if (ret < 0)
		return ret;
	if (query.size < sizeof(*regions) || query.size > XE_REGIONS_MAX_SIZE)
		return -EPROTO;
	regions = calloc(1, query.size);
	if (!regions)
		return -ENOMEM;
	room = (query.size - sizeof(*regions)) / sizeof(regions->mem_regions[0]);
	query.data = (uintptr_t)regions;
	ret = drm_ioctl(file, XE_IOCTL_DEVICE_QUERY, &query);
	if (ret >= 0) {
		ret = -ENODEV;
		for (uint32_t i = 0; i < regions->num_mem_regions && i < room; i++) {
			if (regions->mem_regions[i].mem_class != XE_MEM_CLASS_SYSMEM)
				continue;
			*ret_region = regions->mem_regions[i];
			ret = 0;
			break;
		}
	}
	free(regions);
	return ret;
}

static int xe_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle,
		     uint64_t *ret_size)
{
	struct xe_gem_create create = { .cpu_caching = XE_CPU_CACHING_WB };
	struct xe_mem_region region;
	uint64_t align;
	int ret;

	ret = xe_system_region(file, &region);
	if (ret < 0)
		return ret;
	if (region.instance >= 32)
		return -EPROTO;
	align = region.min_page_size ? region.min_page_size : 4096;
	create.size = (size + align - 1) / align * align;
	create.placement = 1u << region.instance;
	ret = drm_ioctl(file, XE_IOCTL_GEM_CREATE, &create);
	if (ret < 0)
		return ret;
	*ret_handle = create.handle;
	*ret_size = create.size;
	return 0;
}

static int xe_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	struct xe_gem_mmap_offset map = { .handle = handle };
	int ret = drm_ioctl(file, XE_IOCTL_GEM_MMAP_OFFSET, &map);

	if (ret < 0)
		return ret;
	*ret_offset = map.offset;
	return 0;
}

const struct drm_buffer_ops drm_xe_buffers = {
	.name = "xe",
	.create = xe_create,
	.mmap_offset = xe_mmap_offset,
};
