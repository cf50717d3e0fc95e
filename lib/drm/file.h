/* SPDX-License-Identifier: MIT */
#ifndef DRM_FILE_H
#define DRM_FILE_H

#include "drm/driver.h"
#include "drm/io.h"

struct drm_device;

/** An open drm file: handles and the prime cache belong to it. */
struct drm_file {
	int fd; /**< owned; -1 when closed */
	const struct drm_driver *driver;
	const struct drm_io *io; /**< borrowed */
};

#define DRM_FILE_CLOSED                                                                            \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/** Opens @path and learns its driver. -errno; then *@ret_file is unchanged. */
int __drm_file_open(const struct drm_io *io, const char *path, struct drm_file *ret_file);

/** Opens the device's primary node; asserts. */
void drm_file_open(const struct drm_device *device, struct drm_file *ret_file);

/** Closes it; fine when closed already. */
void drm_file_close(struct drm_file *file);

#define _cleanup_drm_file_ __attribute__((cleanup(drm_file_close)))

/** An ioctl on @file: what the kernel returned, or -errno. */
static inline int drm_ioctl(const struct drm_file *file, unsigned long request, void *arg)
{
	return file->io->ioctl(file->io->data, file->fd, request, arg);
}

/** The driver's name as DRM_IOCTL_VERSION gives it, cut to @size. 0 or -errno. */
int __drm_driver_name(const struct drm_io *io, int fd, char *buf, size_t size);

#endif
