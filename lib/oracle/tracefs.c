// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "oracle/text.h"
#include "oracle/tracefs.h"

#define PREFIX "gemrace_"

static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

int tracefs_write(int dir, const char *path, const char *text)
{
	/* Appending matters: kprobe_events forgets everything when it is truncated. */
	int fd = openat(dir, path, O_WRONLY | O_APPEND | O_CLOEXEC);
	size_t len = strlen(text);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		err = errno ? -errno : -EIO;
	close(fd);
	return err;
}

static int find(const char *root)
{
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[PATH_MAX];
		int fd;

		snprintf(path, sizeof(path), "%s%s", root ? root : "", places[i]);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			if (errno != ENOENT)
				err = -errno;
			continue;
		}
		/* The folder is there even where nothing is mounted on it. */
		if (!faccessat(fd, "instances", W_OK, 0))
			return fd;
		if (errno != ENOENT)
			err = -errno;
		close(fd);
	}
	return err;
}

/* Whose: the process in "gemrace_PID", or 0 for a name that is not ours. */
static pid_t owner(struct text name)
{
	uint64_t pid;

	if (!text_skip(&name, TEXT(PREFIX)) || text_u64(name, 10, &pid) || pid > INT_MAX)
		return 0;
	return pid;
}

/* Lines are "p:GROUP/EVENT FUNCTION ARGS", "r4:GROUP/EVENT ...". */
static void remove_events(int dir, bool (*mine)(struct text group, const char *name),
			  const char *name)
{
	struct text text, line;
	size_t len;
	char *buf;

	if (text_read_at(dir, "kprobe_events", &buf, &len))
		return;
	text = (struct text){ buf, len };
	while (text_line(&text, &line)) {
		struct text type, group, event;
		char command[128];

		if (!text_field(&line, ':', &type) || !text_field(&line, '/', &group) ||
		    !text_word(&line, &event) || !mine(group, name))
			continue;
		snprintf(command, sizeof(command), "-:%.*s/%.*s\n", (int)group.len, group.p,
			 (int)event.len, event.p);
		tracefs_write(dir, "kprobe_events", command);
	}
	free(buf);
}

static bool is_named(struct text group, const char *name)
{
	return text_equal(group, (struct text){ name, strlen(name) });
}

static bool is_stale(struct text group, const char *name)
{
	pid_t pid = owner(group);

	return pid && kill(pid, 0) && errno == ESRCH;
}

static void remove_stale(int dir)
{
	int fd = openat(dir, "instances", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *dent;

	if (!list)
		return;
	while ((dent = readdir(list))) {
		if (is_stale((struct text){ dent->d_name, strlen(dent->d_name) }, NULL))
			unlinkat(fd, dent->d_name, AT_REMOVEDIR);
	}
	closedir(list);
	remove_events(dir, is_stale, NULL);
}

int tracefs_open(struct tracefs *tracefs, const char *root, const char *name, bool create,
		 bool *ret_made)
{
	char path[64];

	*ret_made = false;
	*tracefs = (struct tracefs){ .instance = -1 };
	tracefs->dir = find(root);
	if (tracefs->dir < 0)
		return tracefs->dir;
	snprintf(tracefs->name, sizeof(tracefs->name), "%s", name);
	snprintf(path, sizeof(path), "instances/%s", name);
	if (create) {
		remove_stale(tracefs->dir);
		*ret_made = !mkdirat(tracefs->dir, path, 0700);
		if (!*ret_made && errno != EEXIST)
			return -errno;
	}
	tracefs->instance = openat(tracefs->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tracefs->instance < 0)
		return -errno;
	/*
	 * Nobody reads commands here. To record them, each event that is switched on or off patches
	 * the scheduler's tracepoints, which every CPU runs through all the time: an emulated one
	 * was seen to oops on the int3 of such a patch.
	 */
	if (*ret_made)
		tracefs_write(tracefs->instance, "options/record-cmd", "0");
	return 0;
}

int tracefs_create(struct tracefs *tracefs, const char *root)
{
	char name[sizeof(tracefs->name)];
	bool made;
	int err;

	snprintf(name, sizeof(name), PREFIX "%d", getpid());
	err = tracefs_open(tracefs, root, name, true, &made);
	if (err || made)
		return err;
	tracefs_leave(tracefs);
	return -EBUSY;
}

void tracefs_leave(struct tracefs *tracefs)
{
	if (tracefs->instance >= 0)
		close(tracefs->instance);
	if (tracefs->dir >= 0)
		close(tracefs->dir);
	tracefs->dir = tracefs->instance = -1;
}

void tracefs_destroy(struct tracefs *tracefs)
{
	char path[64];

	if (tracefs->instance >= 0) {
		close(tracefs->instance);
		tracefs->instance = -1;
		snprintf(path, sizeof(path), "instances/%s", tracefs->name);
		unlinkat(tracefs->dir, path, AT_REMOVEDIR);
		remove_events(tracefs->dir, is_named, tracefs->name);
	}
	tracefs_leave(tracefs);
}
