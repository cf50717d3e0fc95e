// SPDX-License-Identifier: MIT
#include "drm/sync_file.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <string.h>

#include "drm/uapi.h"
#include "igt/assert.h"

/* Names in the ABI fill their fields without a terminator when they are long. */
static void copy_name(char out[33], const char in[32])
{
	memcpy(out, in, 32);
	out[32] = '\0';
}

int __sync_file_info(const struct drm_io *io, int fd, struct sync_file_state *ret_state)
{
	struct sync_fence_info fences[SYNC_FILE_MAX_FENCES];
	struct sync_file_info info = {
		.num_fences = SYNC_FILE_MAX_FENCES,
		.sync_fence_info = (uintptr_t)fences,
	};
	int ret;

	memset(fences, 0, sizeof(fences));
	ret = io->ioctl(io->data, fd, SYNC_IOC_FILE_INFO, &info);
	if (ret < 0)
		return ret;
	if (info.num_fences > SYNC_FILE_MAX_FENCES)
		return -EPROTO;
	memset(ret_state, 0, sizeof(*ret_state));
	copy_name(ret_state->name, info.name);
	ret_state->status = info.status;
	ret_state->count = info.num_fences;
	for (unsigned int i = 0; i < info.num_fences; i++) {
		struct sync_file_fence *fence = &ret_state->fence[i];

		copy_name(fence->driver, fences[i].driver_name);
		copy_name(fence->timeline, fences[i].obj_name);
		fence->status = fences[i].status;
		fence->signaled_ns = fences[i].timestamp_ns;
	}
	return 0;
}

void sync_file_info(const struct drm_io *io, int fd, struct sync_file_state *ret_state)
{
	int ret = __sync_file_info(io, fd, ret_state);

	igt_assert_f(ret == 0, "SYNC_IOC_FILE_INFO: %s\n", strerror(-ret));
}

int __sync_file_merge(const struct drm_io *io, int fd, int other, int *ret_fd)
{
	struct sync_merge_data args = { .name = "merged", .fd2 = other };
	int ret = io->ioctl(io->data, fd, SYNC_IOC_MERGE, &args);

	if (ret < 0)
		return ret;
	*ret_fd = args.fence;
	return 0;
}

int sync_file_merge(const struct drm_io *io, int fd, int other)
{
	int merged = -1, ret = __sync_file_merge(io, fd, other, &merged);

	igt_assert_f(ret == 0, "SYNC_IOC_MERGE: %s\n", strerror(-ret));
	return merged;
}

int __sync_file_set_deadline(const struct drm_io *io, int fd, uint64_t deadline_ns)
{
	struct sync_file_deadline args = { .deadline_ns = deadline_ns };
	int ret = io->ioctl(io->data, fd, SYNC_FILE_IOCTL_SET_DEADLINE, &args);

	return ret < 0 ? ret : 0;
}

static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int ret = poll(&poll_fd, 1, timeout_ms);

	if (ret < 0)
		return -errno;
	if (poll_fd.revents & (POLLERR | POLLNVAL))
		return poll_fd.revents & POLLNVAL ? -EBADF : -EIO;
	return ret ? 1 : 0;
}

int __sync_file_wait(int fd, int timeout_ms)
{
	return wait_for(fd, POLLIN, timeout_ms);
}

void sync_file_wait(int fd, int timeout_ms)
{
	int ret = __sync_file_wait(fd, timeout_ms);

	igt_assert_f(ret == 1, "waited %d ms for a sync_file: %s\n", timeout_ms,
		     ret ? strerror(-ret) : "not signaled");
}

int __dmabuf_export_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int *ret_fd)
{
	struct dma_buf_export_sync_file args = { .flags = flags, .fd = -1 };
	int ret = io->ioctl(io->data, dmabuf, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &args);

	if (ret < 0)
		return ret;
	*ret_fd = args.fd;
	return 0;
}

int dmabuf_export_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags)
{
	int fd = -1, ret = __dmabuf_export_sync_file(io, dmabuf, flags, &fd);

	igt_assert_f(ret == 0, "DMA_BUF_IOCTL_EXPORT_SYNC_FILE: %s\n", strerror(-ret));
	return fd;
}

int __dmabuf_import_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int fd)
{
	struct dma_buf_import_sync_file args = { .flags = flags, .fd = fd };
	int ret = io->ioctl(io->data, dmabuf, DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &args);

	return ret < 0 ? ret : 0;
}

void dmabuf_import_sync_file(const struct drm_io *io, int dmabuf, uint32_t flags, int fd)
{
	int ret = __dmabuf_import_sync_file(io, dmabuf, flags, fd);

	igt_assert_f(ret == 0, "DMA_BUF_IOCTL_IMPORT_SYNC_FILE: %s\n", strerror(-ret));
}

int __dmabuf_poll(int dmabuf, short events, int timeout_ms)
{
	return wait_for(dmabuf, events, timeout_ms);
}
