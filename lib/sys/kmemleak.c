// SPDX-License-Identifier: MIT
#include "sys/kmemleak.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	int ret = kmemleak_path(path, sizeof(path));

	if (!ret)
		ret = sys_write_file(path, word);
	/*
	 * EPERM, EBUSY: it was switched off, has switched itself off for lack of memory, or the
	 * kernel is locked down.
	 */
	return ret == -EPERM || ret == -EBUSY ? -ENOENT : ret;
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
	const char *start = line + strspn(line, " "), *close;

	if (!plus || (newline && plus > newline) || strncmp(plus, "+0x", 3))
		return NULL;
	close = start < plus ? memchr(start, '>', plus - start) : NULL;
	if (close && !strncmp(start, "[<", 2))
		start = close + 1 + strspn(close + 1, "] ");
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

/* The innermost functions of the object between @object and @end. */
static void tell_where(const char *object, const char *end, char *out, size_t size)
{
	unsigned int frames = 0;
	const char *name;
	size_t n = 0;
	int length;

	out[0] = '\0';
	for (const char *line = object; line && line < end && frames < FRAMES;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		name = frame(line, &length);
		if (!name || is_allocator(name, length) || n >= size)
			continue;
		n += snprintf(out + n, size - n, "%s%.*s", frames ? " < " : "", length, name);
		frames++;
	}
}

/* "  comm "sh", pid 12, jiffies 4294912346 (age 7.500s)": the age is gone since Linux 6.7. */
static void tell_whose(const char *object, const char *end, struct sys_kmemleak_object *ret)
{
	static const char before[] = "  comm \"";
	const char *comm = strstr(object, before), *rest;
	unsigned long long jiffies;
	int pid, length;

	if (!comm || comm >= end)
		return;
	comm += strlen(before);
	rest = strstr(comm, "\", pid "); /* a comm may hold a quote */
	if (!rest || rest >= end || sscanf(rest, "\", pid %d, jiffies %llu", &pid, &jiffies) != 2)
		return;
	length = rest - comm < 15 ? (int)(rest - comm) : 15;
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", length, comm);
	ret->pid = pid;
	ret->jiffies = jiffies;
}

const char *sys_kmemleak_next(const char *report, struct sys_kmemleak_object *ret)
{
	static const char start[] = "unreferenced object ";
	const char *object = strstr(report, start), *end, *paren;

	if (!object)
		return NULL;
	end = strstr(object + 1, start);
	if (!end)
		end = object + strlen(object);
	*ret = (struct sys_kmemleak_object){ 0 };
	paren = strstr(object, "(size ");
	if (paren && paren < end)
		ret->size = strtoul(paren + 6, NULL, 10);
	tell_whose(object, end, ret);
	tell_where(object, end, ret->where, sizeof(ret->where));
	return end;
}

int sys_kmemleak_parse(const char *report, const char *comm, char *ret_first, size_t size)
{
	struct sys_kmemleak_object object;
	int count = 0;

	ret_first[0] = '\0';
	while ((report = sys_kmemleak_next(report, &object))) {
		if (comm && strncmp(object.comm, comm, sizeof(object.comm) - 1))
			continue;
		if (!count++)
			snprintf(ret_first, size, "%u bytes of %s", object.size, object.where);
	}
	return count;
}

int sys_kmemleak_scan(char **ret_report, bool *ret_cut)
{
	const struct timespec age = { .tv_sec = MIN_AGE_S };
	char path[300], *report;
	int ret = command("scan");

	if (ret)
		return ret;
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
	if (ret < 0 && ret != -EFBIG) {
		free(report);
		return ret;
	}
	command("clear");
	*ret_report = report;
	*ret_cut = ret == -EFBIG;
	return 0;
}

int sys_kmemleak_look(const char *comm, char *ret_first, size_t size)
{
	char *report;
	bool cut;
	int ret = sys_kmemleak_scan(&report, &cut);

	if (ret)
		return ret;
	ret = sys_kmemleak_parse(report, comm, ret_first, size);
	free(report);
	return !ret && cut ? -EFBIG : ret;
}

int sys_kmemleak_has(void)
{
	/* No word that it knows. One that was switched off refuses all but "clear". */
	int ret = command("?");

	return ret == -EINVAL ? 0 : ret;
}

int sys_kmemleak_now(uint64_t *ret_jiffies)
{
	FILE *f = fopen("/proc/timer_list", "re");
	unsigned long long jiffies;
	int ret = -ENODATA;
	char line[256];

	if (!f)
		return -errno;
	while (ret && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "jiffies: %llu", &jiffies) != 1)
			continue;
		*ret_jiffies = jiffies;
		ret = 0;
	}
	fclose(f);
	return ret;
}
