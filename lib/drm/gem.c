// SPDX-License-Identifier: MIT
#include "drm/gem.h"

#include <drm.h>
#include <string.h>
#include <sys/mman.h>

#include "drm/uapi.h"
#include "igt/assert.h"

int __gem_create(const struct drm_file *file, uint64_t size, uint32_t *ret_handle)
{
	uint64_t real_size;

	return file->driver->buffers->create(file, size, ret_handle, &real_size);
}

uint32_t gem_create(const struct drm_file *file, uint64_t size)
{
	uint32_t handle = 0;
	int ret = __gem_create(file, size, &handle);

	igt_assert_f(ret == 0, "cannot create a %s buffer of %llu bytes: %s\n",
		     file->driver->buffers->name, (unsigned long long)size, strerror(-ret));
	igt_assert_f(handle != 0, "handle 0, which stands for none, was given out\n");
	return handle;
}

int __gem_close(const struct drm_file *file, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };
	int ret = drm_ioctl(file, DRM_IOCTL_GEM_CLOSE, &args);

	return ret < 0 ? ret : 0;
}

void gem_close(const struct drm_file *file, uint32_t handle)
{
	int ret = __gem_close(file, handle);

	igt_assert_f(ret == 0, "GEM_CLOSE of handle %u: %s\n", handle, strerror(-ret));
}

int __gem_flink(const struct drm_file *file, uint32_t handle, uint32_t *ret_name)
{
	struct drm_gem_flink args = { .handle = handle };
	int ret = drm_ioctl(file, DRM_IOCTL_GEM_FLINK, &args);

	if (ret < 0)
		return ret;
	*ret_name = args.name;
	return 0;
}

uint32_t gem_flink(const struct drm_file *file, uint32_t handle)
{
	uint32_t name = 0;
	int ret = __gem_flink(file, handle, &name);

	igt_assert_f(ret == 0, "GEM_FLINK of handle %u: %s\n", handle, strerror(-ret));
	igt_assert_f(name != 0, "flink name 0, which stands for none, was given out\n");
	return name;
}

int __gem_open(const struct drm_file *file, uint32_t name, uint32_t *ret_handle, uint64_t *ret_size)
{
	struct drm_gem_open args = { .name = name };
	int ret = drm_ioctl(file, DRM_IOCTL_GEM_OPEN, &args);

	if (ret < 0)
		return ret;
	*ret_handle = args.handle;
	if (ret_size)
		*ret_size = args.size;
	return 0;
}

uint32_t gem_open(const struct drm_file *file, uint32_t name)
{
	uint32_t handle = 0;
	int ret = __gem_open(file, name, &handle, NULL);

	igt_assert_f(ret == 0, "GEM_OPEN of name %u: %s\n", name, strerror(-ret));
	igt_assert_f(handle != 0, "handle 0, which stands for none, was given out\n");
	return handle;
}

int __gem_change_handle(const struct drm_file *file, uint32_t handle, uint32_t new_handle)
{
	struct gem_change_handle args = { .handle = handle, .new_handle = new_handle };
	int ret = drm_ioctl(file, GEM_IOCTL_CHANGE_HANDLE, &args);

	return ret < 0 ? ret : 0;
}

int __gem_mmap_offset(const struct drm_file *file, uint32_t handle, uint64_t *ret_offset)
{
	return file->driver->buffers->mmap_offset(file, handle, ret_offset);
}

uint64_t gem_mmap_offset(const struct drm_file *file, uint32_t handle)
{
	uint64_t offset = 0;
	int ret = __gem_mmap_offset(file, handle, &offset);

	igt_assert_f(ret == 0, "mmap offset of handle %u: %s\n", handle, strerror(-ret));
	return offset;
}

int __gem_mmap_at(const struct drm_file *file, uint64_t offset, size_t size, void **ret_ptr)
{
	return file->io->mmap(file->io->data, file->fd, size, PROT_READ | PROT_WRITE, (off_t)offset,
			      ret_ptr);
}

int __gem_mmap(const struct drm_file *file, uint32_t handle, size_t size, void **ret_ptr)
{
	uint64_t offset;
	int ret = __gem_mmap_offset(file, handle, &offset);

	return ret < 0 ? ret : __gem_mmap_at(file, offset, size, ret_ptr);
}

void *gem_mmap(const struct drm_file *file, uint32_t handle, size_t size)
{
	void *ptr = NULL;
	int ret = __gem_mmap(file, handle, size, &ptr);

	igt_assert_f(ret == 0, "mmap of handle %u: %s\n", handle, strerror(-ret));
	return ptr;
}
