// SPDX-License-Identifier: MIT
#include "mock.h"

#include <amdgpu_drm.h>
#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <i915_drm.h>
#include <stdlib.h>
#include <string.h>

static int new_handle(struct mock *mock, uint64_t size, uint32_t *ret_handle)
{
	for (uint32_t i = 0; i < MOCK_HANDLES; i++)
		if (!mock->size[i]) {
			mock->size[i] = size;
			mock->name[i] = 0;
			*ret_handle = i + 1;
			return 0;
		}
	return -ENOSPC;
}

static int check_handle(const struct mock *mock, uint32_t handle, int error)
{
	return handle && handle <= MOCK_HANDLES && mock->size[handle - 1] ? 0 : error;
}

static int get_version(struct mock *mock, void *arg)
{
	struct drm_version *version = arg;
	size_t length = strlen(mock->driver);

	/* as drm_copy_field(): cut to the room, told in full, never terminated */
	memcpy(version->name, mock->driver,
	       length < version->name_len ? length : version->name_len);
	version->name_len = length;
	return 0;
}

static int get_cap(struct mock *mock, void *arg)
{
	struct drm_get_cap *cap = arg;

	switch (cap->capability) {
	case DRM_CAP_DUMB_BUFFER:
		cap->value = 1;
		return 0;
	case DRM_CAP_PRIME:
		cap->value = mock->caps;
		return 0;
	}
	return -EINVAL;
}

static int close_handle(struct mock *mock, void *arg)
{
	struct drm_gem_close *args = arg;
	int ret = check_handle(mock, args->handle, -EINVAL);

	if (!ret)
		mock->size[args->handle - 1] = 0;
	return ret;
}

static int flink(struct mock *mock, void *arg)
{
	struct drm_gem_flink *args = arg;
	int ret = check_handle(mock, args->handle, -ENOENT);

	if (!ret)
		args->name = mock->name[args->handle - 1] = args->handle + 100;
	return ret;
}

static int open_name(struct mock *mock, void *arg)
{
	struct drm_gem_open *args = arg;

	for (uint32_t i = 0; args->name && i < MOCK_HANDLES; i++)
		if (mock->size[i] && mock->name[i] == args->name) {
			args->size = mock->size[i];
			return new_handle(mock, mock->size[i], &args->handle);
		}
	return -ENOENT;
}

static int export(struct mock *mock, void *arg)
{
	struct drm_prime_handle *args = arg;
	int ret = check_handle(mock, args->handle, -ENOENT);

	if (!ret)
		args->fd = MOCK_FD + (int)args->handle;
	return ret;
}

static int import(struct mock *mock, void *arg)
{
	struct drm_prime_handle *args = arg;
	uint32_t handle = args->fd - MOCK_FD;

	if (check_handle(mock, handle, -EBADF))
		return -EBADF;
	args->handle = handle;
	return 0;
}

static int dumb_create(struct mock *mock, void *arg)
{
	struct drm_mode_create_dumb *args = arg;

	args->pitch = args->width * args->bpp / 8;
	args->size = (uint64_t)args->pitch * args->height;
	return args->size ? new_handle(mock, args->size, &args->handle) : -EINVAL;
}

static int dumb_map(struct mock *mock, void *arg)
{
	struct drm_mode_map_dumb *args = arg;

	args->offset = MOCK_OFFSET(args->handle);
	return check_handle(mock, args->handle, -ENOENT);
}

static int i915_create(struct mock *mock, void *arg)
{
	struct drm_i915_gem_create *args = arg;

	args->size = (args->size + 4095) & ~4095ull;
	return new_handle(mock, args->size, &args->handle);
}

static int i915_map(struct mock *mock, void *arg)
{
	struct drm_i915_gem_mmap_offset *args = arg;

	if (mock->discrete != (args->flags == I915_MMAP_OFFSET_FIXED))
		return -ENODEV;
	mock->last.i915_mode = args->flags;
	args->offset = MOCK_OFFSET(args->handle);
	return check_handle(mock, args->handle, -ENOENT);
}

static int amdgpu_create(struct mock *mock, void *arg)
{
	union drm_amdgpu_gem_create *args = arg;
	uint32_t handle = 0;
	int ret;

	mock->last.domains = args->in.domains;
	ret = new_handle(mock, args->in.bo_size, &handle);
	memset(&args->out, 0, sizeof(args->out));
	args->out.handle = handle;
	return ret;
}

static int amdgpu_map(struct mock *mock, void *arg)
{
	union drm_amdgpu_gem_mmap *args = arg;
	uint32_t handle = args->in.handle;

	args->out.addr_ptr = MOCK_OFFSET(handle);
	return check_handle(mock, handle, -ENOENT);
}

static int xe_query(struct mock *mock, void *arg)
{
	struct xe_device_query *args = arg;
	struct xe_query_mem_regions *out = (void *)(uintptr_t)args->data;
	uint32_t size = sizeof(*out) + sizeof(mock->regions);

	if (mock->regions_size)
		size = mock->regions_size;
	if (args->query != XE_QUERY_MEM_REGIONS)
		return -EINVAL;
	if (!args->size) {
		args->size = size;
		return 0;
	}
	if (args->size != size || size < sizeof(*out))
		return -EINVAL;
	out->num_mem_regions = 2;
	size -= sizeof(*out);
	memcpy(out->mem_regions, mock->regions,
	       size < sizeof(mock->regions) ? size : sizeof(mock->regions));
	return 0;
}

static int xe_create(struct mock *mock, void *arg)
{
	struct xe_gem_create *args = arg;

	if (args->cpu_caching != XE_CPU_CACHING_WB)
		return -EINVAL;
	mock->last.placement = args->placement;
	return new_handle(mock, args->size, &args->handle);
}

static int xe_map(struct mock *mock, void *arg)
{
	struct xe_gem_mmap_offset *args = arg;

	args->offset = MOCK_OFFSET(args->handle);
	return check_handle(mock, args->handle, -ENOENT);
}

static int msm_create(struct mock *mock, void *arg)
{
	struct msm_gem_new *args = arg;

	return new_handle(mock, args->size, &args->handle);
}

static int msm_map(struct mock *mock, void *arg)
{
	struct msm_gem_info *args = arg;

	args->value = MOCK_OFFSET(args->handle);
	return args->info == MSM_QUERY_OFFSET ? check_handle(mock, args->handle, -ENOENT) : -EINVAL;
}

static int panfrost_create(struct mock *mock, void *arg)
{
	struct panfrost_create_bo *args = arg;

	return args->pad ? -EINVAL : new_handle(mock, args->size, &args->handle);
}

static int v3d_create(struct mock *mock, void *arg)
{
	struct v3d_create_bo *args = arg;

	return new_handle(mock, args->size, &args->handle);
}

static int render_map(struct mock *mock, void *arg)
{
	struct render_mmap_bo *args = arg;

	args->offset = MOCK_OFFSET(args->handle);
	return check_handle(mock, args->handle, -ENOENT);
}

/* Driver NULL: every driver has it. "": every driver with dumb buffers in the table. */
static const struct {
	const char *driver;
	unsigned long request;
	int (*handle)(struct mock *mock, void *arg);
} ioctls[] = {
	{ NULL, DRM_IOCTL_VERSION, get_version },
	{ NULL, DRM_IOCTL_GET_CAP, get_cap },
	{ NULL, DRM_IOCTL_GEM_CLOSE, close_handle },
	{ NULL, DRM_IOCTL_GEM_FLINK, flink },
	{ NULL, DRM_IOCTL_GEM_OPEN, open_name },
	{ NULL, DRM_IOCTL_PRIME_HANDLE_TO_FD, export },
	{ NULL, DRM_IOCTL_PRIME_FD_TO_HANDLE, import },
	{ "", DRM_IOCTL_MODE_CREATE_DUMB, dumb_create },
	{ "", DRM_IOCTL_MODE_MAP_DUMB, dumb_map },
	{ "i915", DRM_IOCTL_I915_GEM_CREATE, i915_create },
	{ "i915", DRM_IOCTL_I915_GEM_MMAP_OFFSET, i915_map },
	{ "amdgpu", DRM_IOCTL_AMDGPU_GEM_CREATE, amdgpu_create },
	{ "amdgpu", DRM_IOCTL_AMDGPU_GEM_MMAP, amdgpu_map },
	{ "xe", XE_IOCTL_DEVICE_QUERY, xe_query },
	{ "xe", XE_IOCTL_GEM_CREATE, xe_create },
	{ "xe", XE_IOCTL_GEM_MMAP_OFFSET, xe_map },
	{ "msm", MSM_IOCTL_GEM_NEW, msm_create },
	{ "msm", MSM_IOCTL_GEM_INFO, msm_map },
	{ "panfrost", PANFROST_IOCTL_CREATE_BO, panfrost_create },
	{ "panfrost", RENDER_IOCTL_MMAP_BO, render_map },
	{ "v3d", V3D_IOCTL_CREATE_BO, v3d_create },
	{ "v3d", RENDER_IOCTL_MMAP_BO, render_map },
};

/* So that a driver that has its own ioctls is seen to use them. */
static bool serves(const struct mock *mock, const char *driver)
{
	const struct drm_driver *known = drm_driver_find(mock->driver);

	if (!driver)
		return true;
	if (!*driver)
		return !known || known->buffers == &drm_dumb_buffers;
	return !strcmp(mock->driver, driver);
}

static int mock_ioctl(void *data, int fd, unsigned long request, void *arg)
{
	struct mock *mock = data;

	if (fd != MOCK_FD)
		return -EBADF;
	if (request == mock->fail_request)
		return mock->fail_error;
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		if (ioctls[i].request == request && serves(mock, ioctls[i].driver))
			return ioctls[i].handle(mock, arg);
	return -ENOTTY;
}

static int mock_open(void *data, const char *path, int flags)
{
	struct mock *mock = data;

	if (mock->open_error)
		return mock->open_error;
	mock->opened++;
	return MOCK_FD;
}

static int mock_close(void *data, int fd)
{
	struct mock *mock = data;

	mock->closed++;
	return fd == MOCK_FD ? 0 : -EBADF;
}

static int mock_mmap(void *data, int fd, size_t size, int prot, off_t offset, void **ret_ptr)
{
	struct mock *mock = data;

	mock->mmap_offset = (int)(offset >> 12);
	*ret_ptr = mock;
	return 0;
}

void mock_init(struct mock *mock, const char *driver)
{
	*mock = (struct mock){
		.io = { mock_open, mock_close, mock_ioctl, mock_mmap, mock },
		.driver = driver,
		.caps = DRM_PRIME_CAP_EXPORT | DRM_PRIME_CAP_IMPORT,
		.regions = {
			{ .mem_class = 1, .instance = 0, .min_page_size = 65536 },
			{ .mem_class = XE_MEM_CLASS_SYSMEM, .instance = 3, .min_page_size = 4096 },
		},
	};
}
