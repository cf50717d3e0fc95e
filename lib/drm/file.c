// SPDX-License-Identifier: MIT
#include "drm/file.h"

#include <drm.h>
#include <fcntl.h>
#include <string.h>

#include "drm/device.h"
#include "igt/assert.h"

int __drm_driver_name(const struct drm_io *io, int fd, char *buf, size_t size)
{
	struct drm_version version = { .name = buf, .name_len = size - 1 };
	int ret;

	memset(buf, 0, size);
	ret = io->ioctl(io->data, fd, DRM_IOCTL_VERSION, &version);
	return ret < 0 ? ret : 0;
}

int __drm_file_open(const struct drm_io *io, const char *path, struct drm_file *ret_file)
{
	const struct drm_driver *driver;
	char name[32];
	int fd, ret;

	fd = io->open(io->data, path, O_RDWR);
	if (fd < 0)
		return fd;
	ret = __drm_driver_name(io, fd, name, sizeof(name));
	if (ret < 0) {
		io->close(io->data, fd);
		return ret;
	}
	driver = drm_driver_find(name);
	*ret_file = (struct drm_file){
		.fd = fd,
		.driver = driver ? driver : &drm_driver_other,
		.io = io,
	};
	return 0;
}

void drm_file_open(const struct drm_device *device, struct drm_file *ret_file)
{
	int ret = __drm_file_open(&drm_io_kernel, device->primary, ret_file);

	igt_assert_f(ret == 0, "cannot open %s: %s\n", device->primary, strerror(-ret));
}

void drm_file_close(struct drm_file *file)
{
	if (file->fd < 0)
		return;
	file->io->close(file->io->data, file->fd);
	file->fd = -1;
}
