// SPDX-License-Identifier: MIT
#include "drm/prime.h"

#include <drm.h>
#include <fcntl.h>
#include <string.h>

#include "igt/assert.h"

int __prime_handle_to_fd(const struct drm_file *file, uint32_t handle, int *ret_fd)
{
	struct drm_prime_handle args = {
		.handle = handle,
		.flags = DRM_CLOEXEC | DRM_RDWR,
		.fd = -1,
	};
	int ret = drm_ioctl(file, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args);

	if (ret < 0)
		return ret;
	*ret_fd = args.fd;
	return 0;
}

int prime_handle_to_fd(const struct drm_file *file, uint32_t handle)
{
	int fd = -1;
	int ret = __prime_handle_to_fd(file, handle, &fd);

	igt_assert_f(ret == 0, "PRIME export of handle %u: %s\n", handle, strerror(-ret));
	return fd;
}

int __prime_fd_to_handle(const struct drm_file *file, int fd, uint32_t *ret_handle)
{
	struct drm_prime_handle args = { .fd = fd };
	int ret = drm_ioctl(file, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	if (ret < 0)
		return ret;
	*ret_handle = args.handle;
	return 0;
}

uint32_t prime_fd_to_handle(const struct drm_file *file, int fd)
{
	uint32_t handle = 0;
	int ret = __prime_fd_to_handle(file, fd, &handle);

	igt_assert_f(ret == 0, "PRIME import of fd %d: %s\n", fd, strerror(-ret));
	igt_assert_f(handle != 0, "handle 0, which stands for none, was given out\n");
	return handle;
}
