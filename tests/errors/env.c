// SPDX-License-Identifier: MIT
#include "errors/env.h"

#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/kms.h"
#include "drm/prime.h"
#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "sys/fdtable.h"
#include "sys/file.h"

#define CANARY 0x6c696665u

void env_init(struct env *env, const struct drm_device *device)
{
	*env = (struct env){
		.device = device,
		.udmabuf = open("/dev/udmabuf", O_RDWR | O_CLOEXEC),
		.heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC),
		.file = DRM_FILE_CLOSED,
		.other = DRM_FILE_CLOSED,
		.dmabuf = -1,
		.sync = { -1, -1 },
		.syncobj_fd = -1,
		.memfd = -1,
		.foreign = -1,
		.eventfd = -1,
	};
	env_open_files(env);
	drm_caps_ask(&env->file, &env->caps);
}

void env_finish(struct env *env)
{
	sys_closep(&env->udmabuf);
	sys_closep(&env->heap);
	env_close_files(env);
}

void env_open_files(struct env *env)
{
	drm_file_open(env->device, &env->file);
	drm_file_open(env->device, &env->other);
}

void env_close_files(struct env *env)
{
	drm_file_close(&env->file);
	drm_file_close(&env->other);
}

static int make_buffer(struct env *env)
{
	struct drm_mode_create_dumb args = { .width = 32, .height = 32, .bpp = 32 };
	uint32_t *map;
	int ret = drm_ioctl(&env->file, DRM_IOCTL_MODE_CREATE_DUMB, &args);

	if (ret)
		return ret;
	env->handle = args.handle;
	ret = __gem_mmap(&env->file, env->handle, GEM_SMALL, (void **)&map);
	if (ret)
		return ret;
	*map = CANARY;
	munmap(map, GEM_SMALL);
	return 0;
}

static int make_name(struct env *env)
{
	return __gem_flink(&env->file, env->handle, &env->name);
}

static int make_dmabuf(struct env *env)
{
	return __prime_handle_to_fd(&env->file, env->handle, &env->dmabuf);
}

static int drop_handle(struct env *env)
{
	int ret = __gem_close(&env->file, env->handle);

	env->handle = 0;
	return ret;
}

static int make_sync_files(struct env *env)
{
	int ret = 0;

	for (int i = 0; i < 2 && !ret; i++)
		ret = __dmabuf_export_sync_file(&drm_io_kernel, env->dmabuf, DMA_BUF_SYNC_RW,
						&env->sync[i]);
	return ret;
}

static int make_syncobj(struct env *env)
{
	return __syncobj_create(&env->file, DRM_SYNCOBJ_CREATE_SIGNALED, &env->syncobj);
}

static int make_syncobj_fd(struct env *env)
{
	return __syncobj_handle_to_fd(&env->file, env->syncobj, &env->syncobj_fd);
}

static int make_memfd(struct env *env)
{
	env->memfd = memfd_create("gemrace", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (env->memfd < 0 || ftruncate(env->memfd, GEM_SMALL) ||
	    fcntl(env->memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -errno;
	return 0;
}

static int make_foreign(struct env *env)
{
	struct udmabuf_create from = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = GEM_SMALL };
	struct dma_heap_allocation_data data = {
		.len = GEM_SMALL,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int ret;

	if (env->udmabuf < 0) {
		ret = ioctl(env->heap, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : 0;
		env->foreign = ret ? -1 : (int)data.fd;
		return ret;
	}
	ret = make_memfd(env);
	if (ret)
		return ret;
	from.memfd = env->memfd;
	env->foreign = ioctl(env->udmabuf, UDMABUF_CREATE, &from);
	return env->foreign < 0 ? -errno : 0;
}

static int make_fb(struct env *env)
{
	return __kms_add_fb2(&env->file, env->handle, &env->fb);
}

static int make_eventfd(struct env *env)
{
	env->eventfd = eventfd(0, EFD_CLOEXEC);
	return env->eventfd < 0 ? -errno : 0;
}

static const struct {
	enum env_thing thing;
	int (*make)(struct env *env);
} makers[] = {
	{ ENV_BUFFER, make_buffer },         { ENV_NAME, make_name },
	{ ENV_DMABUF, make_dmabuf },         { ENV_NO_HANDLE, drop_handle },
	{ ENV_SYNC_FILES, make_sync_files }, { ENV_SYNCOBJ, make_syncobj },
	{ ENV_SYNCOBJ_FD, make_syncobj_fd }, { ENV_MEMFD, make_memfd },
	{ ENV_FOREIGN, make_foreign },       { ENV_FB, make_fb },
	{ ENV_EVENTFD, make_eventfd },
};

int env_make(struct env *env, unsigned int things)
{
	int ret = 0;

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]) && !ret; i++)
		if (things & makers[i].thing)
			ret = makers[i].make(env);
	return ret;
}

void env_drop(struct env *env)
{
	int *const fds[] = { &env->dmabuf, &env->sync[0], &env->sync[1], &env->syncobj_fd,
			     &env->memfd,  &env->foreign, &env->eventfd };

	if (env->fb)
		__kms_rm_fb(&env->file, env->fb);
	if (env->syncobj)
		__syncobj_destroy(&env->file, env->syncobj);
	if (env->handle)
		__gem_close(&env->file, env->handle);
	env->fb = env->syncobj = env->handle = env->name = 0;
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		sys_closep(fds[i]);
}

int env_canary(const struct env *env)
{
	uint32_t *map, seen;
	int ret;

	if (env->handle) {
		ret = __gem_mmap(&env->file, env->handle, GEM_SMALL, (void **)&map);
		if (ret)
			return ret;
	} else if (env->dmabuf >= 0) {
		map = mmap(NULL, GEM_SMALL, PROT_READ, MAP_SHARED, env->dmabuf, 0);
		if (map == MAP_FAILED)
			return -errno;
	} else {
		return 0;
	}
	seen = *map;
	munmap(map, GEM_SMALL);
	return seen == CANARY ? 0 : -EIO;
}

static int next_handle(const struct drm_file *file, uint32_t *ret_handle)
{
	int ret = __gem_create(file, GEM_SMALL, ret_handle);

	return ret ? ret : __gem_close(file, *ret_handle);
}

static int next_syncobj(const struct env *env, uint32_t *ret_handle)
{
	int ret;

	*ret_handle = 0;
	if (!env->caps.syncobj)
		return 0;
	ret = __syncobj_create(&env->file, 0, ret_handle);
	return ret ? ret : __syncobj_destroy(&env->file, *ret_handle);
}

int env_numbers(const struct env *env, struct env_numbers *ret_numbers)
{
	int ret = next_handle(&env->file, &ret_numbers->handle[0]);

	if (!ret)
		ret = next_handle(&env->other, &ret_numbers->handle[1]);
	if (!ret)
		ret = next_syncobj(env, &ret_numbers->syncobj);
	ret_numbers->fd = sys_lowest_fd();
	return ret ? ret : ret_numbers->fd < 0 ? ret_numbers->fd : 0;
}

int env_numbers_compare(const struct env_numbers *before, const struct env_numbers *after,
			char *why, size_t size)
{
	const struct {
		const char *name;
		uint32_t before, after;
	} rows[] = {
		{ "fd", before->fd, after->fd },
		{ "handle", before->handle[0], after->handle[0] },
		{ "handle of the other file", before->handle[1], after->handle[1] },
		{ "syncobj", before->syncobj, after->syncobj },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].before != rows[i].after) {
			snprintf(why, size, "%s %u is taken now", rows[i].name, rows[i].before);
			return -1;
		}
	return 0;
}
