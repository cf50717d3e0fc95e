// SPDX-License-Identifier: MIT
#include "lifetime/unbind.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "sys/file.h"
#include "sys/waiting.h"

#define BACK_MS  5000 /* for udev or devtmpfs to make the node again */
#define PAUSE_US 10000

/* A device's place below its driver. */
struct bound {
	char driver[PATH_MAX]; /* its folder in /sys/bus */
	char name[64];         /* of the device there */
};

static int write_name(const struct bound *bound, const char *file)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", bound->driver, file);
	return sys_write_file(path, bound->name);
}

static void find(const struct drm_device *device, struct bound *bound)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/driver", device->sys);
	igt_require_f(device->sys[0] && realpath(path, bound->driver), "no driver in sysfs\n");
	snprintf(bound->name, sizeof(bound->name), "%s", strrchr(device->sys, '/') + 1);
	snprintf(path, sizeof(path), "%.4000s/unbind", bound->driver);
	igt_require_f(access(path, W_OK) == 0, "the driver cannot be unbound: %s\n",
		      strerror(errno));
}

static void unbind(const struct bound *bound)
{
	int ret = write_name(bound, "unbind");

	igt_assert_f(ret == 0, "cannot unbind %s: %s\n", bound->name, strerror(-ret));
}

static bool comes_back(const struct drm_device *device)
{
	struct sys_wait wait = sys_wait_for(BACK_MS, PAUSE_US);

	do
		if (!access(device->primary, R_OK | W_OK))
			return true;
	while (sys_wait_again(&wait));
	return false;
}

static void bind_again(const struct bound *bound, const struct drm_device *device)
{
	int ret = write_name(bound, "bind");

	igt_assert_f(ret == 0, "cannot bind %s again: %s\n", bound->name, strerror(-ret));
	igt_assert_f(comes_back(device), "%s is not back %d ms after the driver was bound\n",
		     device->primary, BACK_MS);
}

/* It works again: for the tests that come after. */
static void use(const struct drm_device *device)
{
	struct drm_file file;

	drm_file_open(device, &file);
	gem_close(&file, gem_create(&file, GEM_SMALL));
	drm_file_close(&file);
}

void dma_buf_outlives_device(const struct suite *suite, const struct drm_device *device,
			     const void *data)
{
	struct dmabuf_info info;
	struct drm_file file;
	struct bound bound;
	uint64_t inode;
	int fd, ret;

	find(device, &bound);
	drm_file_open(device, &file);
	drm_require_buffers(&file);
	drm_require_prime(&file);
	fd = prime_handle_to_fd(&file, gem_create(&file, GEM_SMALL));
	inode = dmabuf_inode(fd);
	drm_file_close(&file);
	unbind(&bound);
	ret = __dmabuf_info(fd, &info);
	close(fd);
	/* Before anything is judged: a failure must not leave the device without its driver. */
	bind_again(&bound, device);
	igt_assert_f(ret == 0, "fdinfo of the dma-buf of a device that is gone: %s\n",
		     strerror(-ret));
	igt_assert_eq_u64(info.inode, inode);
	igt_assert_eq_s64(info.count, 1);
	use(device);
}

/* A file of a device that is gone can be used for nothing but to be closed. */
void file_outlives_device(const struct suite *suite, const struct drm_device *device,
			  const void *data)
{
	struct drm_file file;
	struct bound bound;
	uint32_t handle;
	int fd = -1, ret;

	find(device, &bound);
	drm_file_open(device, &file);
	drm_require_buffers(&file);
	handle = gem_create(&file, GEM_SMALL);
	unbind(&bound);
	ret = __prime_handle_to_fd(&file, handle, &fd);
	if (!ret)
		close(fd);
	drm_file_close(&file);
	bind_again(&bound, device);
	igt_assert_f(ret == -ENODEV, "PRIME export of a device that is gone: %s\n", strerror(-ret));
	use(device);
}
