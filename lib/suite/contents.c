// SPDX-License-Identifier: MIT
#include "suite/contents.h"

#include <linux/dma-buf.h>
#include <string.h>
#include <sys/mman.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "igt/assert.h"

static uint32_t word(uint8_t stage, size_t at)
{
	return ((uint32_t)stage << 24) ^ ((uint32_t)at * 2654435761u);
}

void contents_fill(void *ptr, size_t size, uint8_t stage)
{
	uint32_t *words = ptr;

	for (size_t i = 0; i < size / 4; i++)
		words[i] = word(stage, i);
}

size_t contents_differ(const void *ptr, size_t size, uint8_t stage)
{
	const uint32_t *words = ptr;

	for (size_t i = 0; i < size / 4; i++)
		if (words[i] != word(stage, i))
			return i * 4;
	return size;
}

void contents_check(const void *ptr, size_t size, uint8_t stage, const char *way)
{
	const uint32_t *words = ptr;
	size_t at = contents_differ(ptr, size, stage);

	igt_assert_f(at == size, "%s: byte %zu reads %#x, written was %#x\n", way, at,
		     words[at / 4], word(stage, at / 4));
}

void contents_write_handle(const struct drm_file *file, uint32_t handle, size_t size, uint8_t stage)
{
	void *ptr = gem_mmap(file, handle, size);

	contents_fill(ptr, size, stage);
	munmap(ptr, size);
}

void contents_check_handle(const struct drm_file *file, uint32_t handle, size_t size, uint8_t stage,
			   const char *way)
{
	void *ptr = gem_mmap(file, handle, size);

	contents_check(ptr, size, stage, way);
	munmap(ptr, size);
}

bool contents_check_dmabuf(const struct drm_io *io, int fd, size_t size, uint8_t stage)
{
	void *ptr;
	int ret = io->mmap(io->data, fd, size, PROT_READ | PROT_WRITE, 0, &ptr);

	if (ret) {
		igt_info("the dma-buf cannot be mapped: %s\n", strerror(-ret));
		return false;
	}
	igt_assert_eq(__dmabuf_sync_begin(io, fd, DMA_BUF_SYNC_READ), 0);
	contents_check(ptr, size, stage, "through the dma-buf");
	igt_assert_eq(__dmabuf_sync_end(io, fd, DMA_BUF_SYNC_READ), 0);
	munmap(ptr, size);
	return true;
}
