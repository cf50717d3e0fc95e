// SPDX-License-Identifier: MIT
#include "drm/dmabuf.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "igt/assert.h"
#include "sys/file.h"

/* A whole decimal number up to the end of the line. */
static int parse_number(const char *text, const char *end, int64_t min, int64_t *ret_value)
{
	char *after;
	long long value;

	errno = 0;
	value = strtoll(text, &after, 10);
	if (errno || after == text || after != end || value < min)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int dmabuf_parse_fdinfo(const char *text, struct dmabuf_info *ret_info)
{
	struct dmabuf_info info = { 0 };
	int64_t size = 0, ino = 0;
	bool has_size = false, has_count = false, has_exporter = false;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *end = text + len, *value = memchr(text, '\t', len);
		int ret = 0;

		if (value) {
			value++;
			if (!strncmp(text, "size:\t", 6)) {
				ret = parse_number(value, end, 0, &size);
				has_size = true;
			} else if (!strncmp(text, "ino:\t", 5)) {
				ret = parse_number(value, end, 0, &ino);
			} else if (!strncmp(text, "count:\t", 7)) {
				ret = parse_number(value, end, INT64_MIN, &info.count);
				has_count = true;
			} else if (!strncmp(text, "exp_name:\t", 10)) {
				if (value == end)
					return -EINVAL;
				snprintf(info.exporter, sizeof(info.exporter), "%.*s",
					 (int)(end - value), value);
				has_exporter = true;
			}
			if (ret)
				return ret;
		}
		text = *end ? end + 1 : end;
	}
	if (!has_size || !has_count || !has_exporter)
		return -EINVAL;
	info.size = size;
	info.inode = ino;
	*ret_info = info;
	return 0;
}

int __dmabuf_info(int fd, struct dmabuf_info *ret_info)
{
	struct dmabuf_info info;
	char path[64], text[1024];
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ret = sys_read_file(path, text, sizeof(text));
	if (ret < 0)
		return ret;
	ret = dmabuf_parse_fdinfo(text, &info);
	if (ret < 0)
		return ret;
	info.inode = st.st_ino;
	*ret_info = info;
	return 0;
}

void dmabuf_info(int fd, struct dmabuf_info *ret_info)
{
	int ret = __dmabuf_info(fd, ret_info);

	igt_assert_f(ret == 0, "cannot read the fdinfo of dma-buf fd %d: %s\n", fd, strerror(-ret));
}

uint64_t dmabuf_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

static int dmabuf_sync(const struct drm_io *io, int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	int ret = io->ioctl(io->data, fd, DMA_BUF_IOCTL_SYNC, &sync);

	return ret < 0 ? ret : 0;
}

int __dmabuf_sync_begin(const struct drm_io *io, int fd, uint64_t flags)
{
	return dmabuf_sync(io, fd, DMA_BUF_SYNC_START | flags);
}

int __dmabuf_sync_end(const struct drm_io *io, int fd, uint64_t flags)
{
	return dmabuf_sync(io, fd, DMA_BUF_SYNC_END | flags);
}
