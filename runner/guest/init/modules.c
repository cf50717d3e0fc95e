// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		err = -errno;
	close(fd);
	return err;
}

int modules_load(const char *list, char *ret_which, size_t size)
{
	FILE *f = fopen(list, "re");
	char path[256];
	int err = 0;

	while (f && !err && fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		err = load(path);
	}
	if (err)
		snprintf(ret_which, size, "%s", path);
	if (f)
		fclose(f);
	return err;
}
