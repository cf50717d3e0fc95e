// SPDX-License-Identifier: MIT
#include "drm/syncobj.h"

#include <drm.h>
#include <errno.h>
#include <string.h>

#include "drm/caps.h"
#include "drm/uapi.h"
#include "igt/assert.h"

/* Most of the ioctls return nothing but success. */
static int call(const struct drm_file *file, unsigned long request, void *args)
{
	int ret = drm_ioctl(file, request, args);

	return ret < 0 ? ret : 0;
}

void syncobj_require(const struct drm_file *file, bool timeline)
{
	struct drm_caps caps;

	drm_caps_ask(file, &caps);
	igt_require_f(caps.syncobj, "no sync objects\n");
	igt_require_f(!timeline || caps.syncobj_timeline, "no timeline sync objects\n");
}

int __syncobj_create(const struct drm_file *file, uint32_t flags, uint32_t *ret_handle)
{
	struct drm_syncobj_create args = { .flags = flags };
	int ret = call(file, DRM_IOCTL_SYNCOBJ_CREATE, &args);

	if (!ret)
		*ret_handle = args.handle;
	return ret;
}

uint32_t syncobj_create(const struct drm_file *file, uint32_t flags)
{
	uint32_t handle = 0;
	int ret = __syncobj_create(file, flags, &handle);

	igt_assert_f(ret == 0, "SYNCOBJ_CREATE: %s\n", strerror(-ret));
	igt_assert_f(handle != 0, "handle 0, which stands for none, was given out\n");
	return handle;
}

int __syncobj_destroy(const struct drm_file *file, uint32_t handle)
{
	struct drm_syncobj_destroy args = { .handle = handle };

	return call(file, DRM_IOCTL_SYNCOBJ_DESTROY, &args);
}

void syncobj_destroy(const struct drm_file *file, uint32_t handle)
{
	int ret = __syncobj_destroy(file, handle);

	igt_assert_f(ret == 0, "SYNCOBJ_DESTROY of handle %u: %s\n", handle, strerror(-ret));
}

static int to_fd(const struct drm_file *file, uint32_t handle, uint32_t flags, int *ret_fd)
{
	struct drm_syncobj_handle args = { .handle = handle, .flags = flags, .fd = -1 };
	int ret = call(file, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args);

	if (!ret)
		*ret_fd = args.fd;
	return ret;
}

int __syncobj_handle_to_fd(const struct drm_file *file, uint32_t handle, int *ret_fd)
{
	return to_fd(file, handle, 0, ret_fd);
}

int syncobj_handle_to_fd(const struct drm_file *file, uint32_t handle)
{
	int fd = -1, ret = __syncobj_handle_to_fd(file, handle, &fd);

	igt_assert_f(ret == 0, "SYNCOBJ_HANDLE_TO_FD of %u: %s\n", handle, strerror(-ret));
	return fd;
}

int __syncobj_fd_to_handle(const struct drm_file *file, int fd, uint32_t *ret_handle)
{
	struct drm_syncobj_handle args = { .fd = fd };
	int ret = call(file, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);

	if (!ret)
		*ret_handle = args.handle;
	return ret;
}

uint32_t syncobj_fd_to_handle(const struct drm_file *file, int fd)
{
	uint32_t handle = 0;
	int ret = __syncobj_fd_to_handle(file, fd, &handle);

	igt_assert_f(ret == 0, "SYNCOBJ_FD_TO_HANDLE: %s\n", strerror(-ret));
	return handle;
}

int __syncobj_export_sync_file(const struct drm_file *file, uint32_t handle, int *ret_fd)
{
	return to_fd(file, handle, DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE, ret_fd);
}

int syncobj_export_sync_file(const struct drm_file *file, uint32_t handle)
{
	int fd = -1, ret = __syncobj_export_sync_file(file, handle, &fd);

	igt_assert_f(ret == 0, "exporting the fence of syncobj %u: %s\n", handle, strerror(-ret));
	return fd;
}

int __syncobj_import_sync_file(const struct drm_file *file, uint32_t handle, int fd)
{
	struct drm_syncobj_handle args = {
		.handle = handle,
		.flags = DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
		.fd = fd,
	};

	return call(file, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &args);
}

void syncobj_import_sync_file(const struct drm_file *file, uint32_t handle, int fd)
{
	int ret = __syncobj_import_sync_file(file, handle, fd);

	igt_assert_f(ret == 0, "importing a fence to syncobj %u: %s\n", handle, strerror(-ret));
}

static int call_one(const struct drm_file *file, unsigned long request, uint32_t handle)
{
	struct drm_syncobj_array args = { .handles = (uintptr_t)&handle, .count_handles = 1 };

	return call(file, request, &args);
}

int __syncobj_reset(const struct drm_file *file, uint32_t handle)
{
	return call_one(file, DRM_IOCTL_SYNCOBJ_RESET, handle);
}

int __syncobj_signal(const struct drm_file *file, uint32_t handle)
{
	return call_one(file, DRM_IOCTL_SYNCOBJ_SIGNAL, handle);
}

static int call_point(const struct drm_file *file, unsigned long request, uint32_t handle,
		      uint64_t *point)
{
	struct drm_syncobj_timeline_array args = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)point,
		.count_handles = 1,
	};

	return call(file, request, &args);
}

int __syncobj_timeline_signal(const struct drm_file *file, uint32_t handle, uint64_t point)
{
	return call_point(file, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, handle, &point);
}

void syncobj_timeline_signal(const struct drm_file *file, uint32_t handle, uint64_t point)
{
	int ret = __syncobj_timeline_signal(file, handle, point);

	igt_assert_f(ret == 0, "SYNCOBJ_TIMELINE_SIGNAL of %u, point %llu: %s\n", handle,
		     (unsigned long long)point, strerror(-ret));
}

int __syncobj_query(const struct drm_file *file, uint32_t handle, uint64_t *ret_point)
{
	uint64_t point = 0;
	int ret = call_point(file, DRM_IOCTL_SYNCOBJ_QUERY, handle, &point);

	if (!ret)
		*ret_point = point;
	return ret;
}

int __syncobj_transfer(const struct drm_file *file, uint32_t dst, uint64_t dst_point, uint32_t src,
		       uint64_t src_point, uint32_t flags)
{
	struct drm_syncobj_transfer args = {
		.src_handle = src,
		.dst_handle = dst,
		.src_point = src_point,
		.dst_point = dst_point,
		.flags = flags,
	};

	return call(file, DRM_IOCTL_SYNCOBJ_TRANSFER, &args);
}

int __syncobj_wait(const struct drm_file *file, uint32_t handle, uint64_t point,
		   int64_t deadline_ns, uint32_t flags)
{
	struct drm_syncobj_timeline_wait timeline = {
		.handles = (uintptr_t)&handle,
		.points = (uintptr_t)&point,
		.timeout_nsec = deadline_ns,
		.count_handles = 1,
		.flags = flags,
	};
	struct drm_syncobj_wait binary = {
		.handles = (uintptr_t)&handle,
		.timeout_nsec = deadline_ns,
		.count_handles = 1,
		.flags = flags,
	};

	if (point || (flags & DRM_SYNCOBJ_WAIT_FLAGS_WAIT_AVAILABLE))
		return call(file, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &timeline);
	return call(file, DRM_IOCTL_SYNCOBJ_WAIT, &binary);
}

int __syncobj_eventfd(const struct drm_file *file, uint32_t handle, uint64_t point, uint32_t flags,
		      int fd)
{
	struct syncobj_eventfd args = {
		.handle = handle,
		.flags = flags,
		.point = point,
		.fd = fd,
	};

	return call(file, SYNCOBJ_IOCTL_EVENTFD, &args);
}
