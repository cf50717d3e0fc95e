// SPDX-License-Identifier: MIT
#include "drm/exporter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sys/file.h"

/* It must not shrink under the dma-buf, and must stay writable (check_memfd_seals()). */
static int sealed_memfd(uint64_t size, int *ret_fd)
{
	int fd = memfd_create("gemrace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int ret;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)size) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)) {
		ret = -errno;
		close(fd);
		return ret;
	}
	*ret_fd = fd;
	return 0;
}

int __udmabuf_create(const struct drm_io *io, uint64_t size, int *ret_fd)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int _cleanup_close_ memfd = -1;
	int _cleanup_close_ dev = io->open(io->data, "/dev/udmabuf", O_RDWR);
	int ret;

	if (dev < 0)
		return dev;
	ret = sealed_memfd(size, &memfd);
	if (ret)
		return ret;
	create.memfd = (uint32_t)memfd;
	ret = io->ioctl(io->data, dev, UDMABUF_CREATE, &create);
	if (ret < 0)
		return ret;
	*ret_fd = ret;
	return 0;
}

int __dma_heap_create(const struct drm_io *io, uint64_t size, int *ret_fd)
{
	struct dma_heap_allocation_data alloc = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int _cleanup_close_ dev = io->open(io->data, "/dev/dma_heap/system", O_RDONLY);
	int ret;

	if (dev < 0)
		return dev;
	ret = io->ioctl(io->data, dev, DMA_HEAP_IOCTL_ALLOC, &alloc);
	if (ret < 0)
		return ret;
	*ret_fd = (int)alloc.fd;
	return 0;
}

const struct drm_exporter drm_exporters[] = {
	{ "udmabuf", "udmabuf", __udmabuf_create },
	{ "dma-heap", "system", __dma_heap_create },
	{ NULL, NULL, NULL },
};
