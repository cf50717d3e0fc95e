// SPDX-License-Identifier: MIT
#include "drm/sw_sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "drm/uapi.h"
#include "igt/assert.h"
#include "sys/debugfs.h"

int __sw_sync_open(const struct drm_io *io)
{
	char root[200], path[256];
	int ret = sys_debugfs_path(root, sizeof(root));

	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/sync/sw_sync", root);
	return io->open(io->data, path, O_RDWR);
}

int sw_sync_require(const struct drm_io *io)
{
	int fd = __sw_sync_open(io);

	igt_require_f(fd >= 0, "no sw_sync in debugfs: %s\n", strerror(-fd));
	return fd;
}

int __sw_sync_create(const struct drm_io *io, int timeline, uint32_t value, int *ret_fd)
{
	struct sw_sync_create args = { .value = value, .name = "gemrace", .fence = -1 };
	int ret = io->ioctl(io->data, timeline, SW_SYNC_IOCTL_CREATE, &args);

	if (ret < 0)
		return ret;
	*ret_fd = args.fence;
	return 0;
}

int sw_sync_create(const struct drm_io *io, int timeline, uint32_t value)
{
	int fd = -1, ret = __sw_sync_create(io, timeline, value, &fd);

	igt_assert_f(ret == 0, "SW_SYNC_IOC_CREATE_FENCE of %u: %s\n", value, strerror(-ret));
	return fd;
}

int __sw_sync_inc(const struct drm_io *io, int timeline, uint32_t by)
{
	int ret = io->ioctl(io->data, timeline, SW_SYNC_IOCTL_INC, &by);

	return ret < 0 ? ret : 0;
}
