// SPDX-License-Identifier: MIT
#include "sys/kmemleak.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/debugfs.h"
#include "sys/file.h"

#define MIN_AGE_S   6 /* a second more than mm/kmemleak.c asks for */
#define REPORT_SIZE (1 << 20)
#define FRAMES      4

static int kmemleak_path(char *buf, size_t size)
{
	char root[256];
	int ret = sys_debugfs_path(root, sizeof(root));

	if (ret)
		return ret;
	return snprintf(buf, size, "%s/kmemleak", root) < (int)size ? 0 : -ENAMETOOLONG;
}

static int command(const char *word)
{
	char path[300];
	int fd, ret = kmemleak_path(path, sizeof(path));

	if (ret)
		return ret;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* EPERM, EBUSY: it was switched off, or has switched itself off for lack of memory. */
	if (write(fd, word, strlen(word)) < 0)
		ret = errno == EPERM || errno == EBUSY ? -ENOENT : -errno;
	close(fd);
	return ret;
}

int sys_kmemleak_start(void)
{
	int ret = command("scan");

	return ret ? ret : command("clear");
}

/* "    [<0000>] kmalloc+0x1/0x2" and "    kmalloc+0x1/0x2 [drm]": the function's name, or NULL. */
static const char *frame(const char *line, int *ret_length)
{
	const char *plus = strchr(line, '+'), *newline = strchr(line, '\n');
	const char *start = line + strspn(line, " ");

	if (!plus || (newline && plus > newline) || strncmp(plus, "+0x", 3))
		return NULL;
	if (!strncmp(start, "[<", 2) && strchr(start, '>'))
		start = strchr(start, '>') + 2 + strspn(strchr(start, '>') + 2, " ");
	*ret_length = (int)(plus - start);
	return start < plus ? start : NULL;
}

/* The allocator's own functions tell nothing. */
static int is_allocator(const char *name, int length)
{
	static const char *const words[] = { "kmalloc",   "kmem_cache", "slab_",    "kvmalloc",
					     "__kmalloc", "__kvmalloc", "kmemleak", "__alloc" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((size_t)length >= strlen(words[i]) &&
		    !strncmp(name, words[i], strlen(words[i])))
			return 1;
	return 0;
}

static void tell_first(const char *object, const char *end, char *out, size_t size)
{
	unsigned int bytes = 0, frames = 0;
	const char *name, *paren = strstr(object, "(size ");
	int length, n;

	if (paren)
		bytes = strtoul(paren + 6, NULL, 10);
	n = snprintf(out, size, "%u bytes of", bytes);
	for (const char *line = object; line && line < end && frames < FRAMES;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		name = frame(line, &length);
		if (!name || is_allocator(name, length) || n < 0 || (size_t)n >= size)
			continue;
		n += snprintf(out + n, size - n, "%s%.*s", frames ? " < " : " ", length, name);
		frames++;
	}
}

int sys_kmemleak_parse(const char *report, const char *comm, char *ret_first, size_t size)
{
	static const char start[] = "unreferenced object ";
	const char *object = strstr(report, start), *next;
	char who[32] = "";
	int count = 0;

	ret_first[0] = '\0';
	if (comm)
		snprintf(who, sizeof(who), "comm \"%.15s\"", comm);
	for (; object; object = next) {
		const char *found = strstr(object, who), *end;

		next = strstr(object + 1, start);
		end = next ? next : object + strlen(object);
		if (!found || found >= end)
			continue;
		if (!count++)
			tell_first(object, end, ret_first, size);
	}
	return count;
}

int sys_kmemleak_look(const char *comm, char *ret_first, size_t size)
{
	const struct timespec age = { .tv_sec = MIN_AGE_S };
	char path[300], *report;
	int ret;

	/* Not to synchronise with anything: the objects have to be this old. */
	nanosleep(&age, NULL);
	ret = command("scan");
	if (!ret)
		ret = kmemleak_path(path, sizeof(path));
	if (ret)
		return ret;
	report = malloc(REPORT_SIZE);
	if (!report)
		return -ENOMEM;
	ret = sys_read_file(path, report, REPORT_SIZE);
	/* Of a report that does not fit the beginning is enough. */
	if (ret >= 0 || ret == -EFBIG)
		ret = sys_kmemleak_parse(report, comm, ret_first, size);
	free(report);
	return ret;
}
