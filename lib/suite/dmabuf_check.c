// SPDX-License-Identifier: MIT
#include "suite/dmabuf_check.h"

#include <inttypes.h>
#include <string.h>

#include "drm/dmabuf.h"

int dmabuf_check_count(int fd, int64_t want, const char *made_of, struct race_why *why)
{
	struct dmabuf_info info;
	int ret = __dmabuf_info(fd, &info);

	if (ret)
		return race_why(why, "fdinfo of the dma-buf: %s", strerror(-ret));
	if (info.count == want)
		return 0;
	return race_why(why, "the dma-buf has %" PRId64 " references instead of %" PRId64 ": %s",
			info.count, want, made_of);
}

int dmabuf_check_inode(int fd, uint64_t want, struct race_why *why)
{
	uint64_t inode = dmabuf_inode(fd);

	if (inode == want)
		return 0;
	return race_why(why, "one object, two dma-bufs: inodes %" PRIu64 " and %" PRIu64, want,
			inode);
}
