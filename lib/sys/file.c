// SPDX-License-Identifier: MIT
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sys_read_file(const char *path, char *buf, size_t size)
{
	size_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = 0;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = -errno;
		if (n <= 0)
			break;
		len += n;
	}
	close(fd);
	if (!ret && len == size)
		ret = -EFBIG;
	buf[len < size ? len : size - 1] = '\0';
	return ret ? ret : (int)len;
}

int sys_write_file(const char *path, const char *text)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int ret;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	ret = n < 0 ? -errno : (size_t)n < len ? -EIO : 0;
	close(fd);
	return ret;
}

int sys_read_number(const char *path, long long *ret_value)
{
	char text[64], *end;
	long long value;
	int ret;

	ret = sys_read_file(path, text, sizeof(text));
	if (ret < 0)
		return ret;
	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || end[strspn(end, " \n")])
		return -EINVAL;
	*ret_value = value;
	return 0;
}

void sys_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
