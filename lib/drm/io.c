// SPDX-License-Identifier: MIT
#include "drm/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int kernel_open(void *data, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* No retry on EINTR: the fd is gone whatever close() returns. */
static int kernel_close(void *data, int fd)
{
	return close(fd) ? -errno : 0;
}

static int kernel_ioctl(void *data, int fd, unsigned long request, void *arg)
{
	int ret;

	do
		ret = ioctl(fd, request, arg);
	while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret < 0 ? -errno : ret;
}

static int kernel_mmap(void *data, int fd, size_t size, int prot, off_t offset, void **ret_ptr)
{
	void *ptr = mmap(NULL, size, prot, MAP_SHARED, fd, offset);

	if (ptr == MAP_FAILED)
		return -errno;
	*ret_ptr = ptr;
	return 0;
}

const struct drm_io drm_io_kernel = {
	.open = kernel_open,
	.close = kernel_close,
	.ioctl = kernel_ioctl,
	.mmap = kernel_mmap,
};
