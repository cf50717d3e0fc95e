/* SPDX-License-Identifier: MIT */
#ifndef DRM_IO_H
#define DRM_IO_H

#include <stddef.h>
#include <sys/types.h>

/**
 * struct drm_io - the only way from lib/drm to the kernel
 *
 * Handed along with every file, so that a unit test can stand in for hardware that is not there.
 * Everything returns -errno on failure; ioctl() restarts itself on EINTR and EAGAIN.
 */
struct drm_io {
	int (*open)(void *data, const char *path, int flags);
	int (*close)(void *data, int fd);
	int (*ioctl)(void *data, int fd, unsigned long request, void *arg);
	int (*mmap)(void *data, int fd, size_t size, int prot, off_t offset, void **ret_ptr);
	void *data; /* owned by whoever made the struct */
};

/** The kernel itself. */
extern const struct drm_io drm_io_kernel;

#endif
