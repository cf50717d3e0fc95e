// SPDX-License-Identifier: MIT
#include "suite/kept.h"

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "sys/file.h"

void kept_init(struct kept *kept, const struct drm_device *device, unsigned int needs)
{
	uint32_t handle;

	*kept = (struct kept){ .fd = -1, .convoy = CONVOY_NONE };
	drm_file_open(device, &kept->file[0]);
	drm_file_open(device, &kept->file[1]);
	drm_require_buffers(&kept->file[0]);
	if (needs & KEPT_FLINK)
		drm_require_flink(&kept->file[0]);
	if (needs & (KEPT_PRIME | KEPT_OBJECT))
		drm_require_prime(&kept->file[0]);
	if (needs & KEPT_OBJECT) {
		handle = gem_create(&kept->file[0], GEM_SMALL);
		kept->fd = prime_handle_to_fd(&kept->file[0], handle);
		kept->inode = dmabuf_inode(kept->fd);
		gem_close(&kept->file[0], handle);
	}
	convoy_init(&kept->convoy, device);
}

void kept_finish(struct kept *kept)
{
	convoy_finish(&kept->convoy);
	sys_closep(&kept->fd);
	drm_file_close(&kept->file[0]);
	drm_file_close(&kept->file[1]);
}

int kept_handle(const struct kept *kept, unsigned int file, uint32_t *ret_handle)
{
	if (kept->fd >= 0)
		return __prime_fd_to_handle(&kept->file[file], kept->fd, ret_handle);
	return __gem_create(&kept->file[file], GEM_SMALL, ret_handle);
}

void kept_hold(void *ctx)
{
	struct kept *kept = ctx;

	convoy_hold(&kept->convoy);
}
