// SPDX-License-Identifier: MIT
#include "suite/import_map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"

int __import_map(const struct drm_file *file, int fd, size_t size, uint32_t *ret_handle,
		 void **ret_ptr)
{
	uint32_t native = gem_create(file, size);
	uint64_t offset = 0;
	int ret = __gem_mmap_offset(file, native, &offset);

	gem_close(file, native);
	*ret_handle = prime_fd_to_handle(file, fd);
	if (!__gem_mmap(file, *ret_handle, size, ret_ptr))
		return 0;
	if (ret)
		return ret;
	return __gem_mmap_at(file, offset, size, ret_ptr);
}

bool import_map_is_dmabuf(const void *ptr, int fd)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t inode = 0;
	char line[512];

	igt_assert(maps);
	while (fgets(line, sizeof(line), maps))
		if (strtoull(line, NULL, 16) == (uintptr_t)ptr &&
		    sscanf(line, "%*s %*s %*s %*s %" SCNu64, &inode) == 1)
			break;
	fclose(maps);
	return inode && inode == dmabuf_inode(fd);
}
