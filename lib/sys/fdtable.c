// SPDX-License-Identifier: MIT
#include "sys/fdtable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int highest_fd(int *ret_fd)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int highest = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) > highest)
			highest = atoi(entry->d_name);
	closedir(dir);
	*ret_fd = highest;
	return 0;
}

int sys_fdtable_fill(struct sys_fdtable *table)
{
	struct rlimit low;
	int highest = 0, fd, ret;

	*table = (struct sys_fdtable){ 0 };
	if (getrlimit(RLIMIT_NOFILE, &table->limit))
		return -errno;
	ret = highest_fd(&highest);
	if (ret)
		return ret;
	table->fds = calloc(highest + 1, sizeof(*table->fds));
	if (!table->fds)
		return -ENOMEM;
	low = table->limit;
	low.rlim_cur = highest + 1;
	if (setrlimit(RLIMIT_NOFILE, &low)) {
		ret = -errno;
		free(table->fds);
		table->fds = NULL;
		return ret;
	}
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0)
		table->fds[table->count++] = fd;
	ret = errno == EMFILE ? 0 : -errno;
	if (ret)
		sys_fdtable_restore(table);
	return ret;
}

void sys_fdtable_restore(struct sys_fdtable *table)
{
	if (!table->fds)
		return;
	for (size_t i = 0; i < table->count; i++)
		close(table->fds[i]);
	setrlimit(RLIMIT_NOFILE, &table->limit);
	free(table->fds);
	*table = (struct sys_fdtable){ 0 };
}

int sys_lowest_fd(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return fd;
}
