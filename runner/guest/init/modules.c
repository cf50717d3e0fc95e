// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The options the kernel's command line holds for a module ("drm.debug=6"): for code that is built
 * in the kernel takes them itself, for modules whoever loads them must.
 */
static void find_options(const char *path, char *options, size_t size)
{
	const char *base = strrchr(path, '/') + 1;
	size_t name_size = strcspn(base, "."), n = 0;
	FILE *f = fopen("/proc/cmdline", "re");
	char line[4096] = "", *word, *next = line;

	if (f && !fgets(line, sizeof(line), f))
		*line = '\0';
	if (f)
		fclose(f);
	*options = '\0';
	while ((word = strsep(&next, " \n"))) {
		if (strncmp(word, base, name_size) || word[name_size] != '.')
			continue;
		n += snprintf(options + n, size - n, "%s ", word + name_size + 1);
		if (n >= size)
			break;
	}
}

static int load(const char *path)
{
	char options[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	find_options(path, options, sizeof(options));
	if (syscall(SYS_finit_module, fd, options, 0) && errno != EEXIST)
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
