// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/fdlist.h"
#include "oracle/others.h"
#include "oracle/text.h"

/* Deeper process trees than this are taken for a stale /proc entry that loops. */
#define DEEPEST 64

struct stat_line {
	pid_t parent, group;
	char state;
};

static int open_proc(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc", root ? root : "");
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* "pid (command) state ppid pgrp ...": the command may hold anything, ')' and blanks included. */
static int read_stat(int procfd, pid_t pid, struct stat_line *ret)
{
	struct text rest, state, parent, group;
	uint64_t ppid, pgrp;
	const char *paren;
	char path[64], *buf;
	size_t len;
	int err;

	snprintf(path, sizeof(path), "%d/stat", pid);
	err = text_read_at(procfd, path, &buf, &len);
	if (err)
		return err;
	paren = memrchr(buf, ')', len);
	rest = paren ? (struct text){ paren + 1, buf + len - paren - 1 } : (struct text){ buf, 0 };
	if (!text_word(&rest, &state) || !text_word(&rest, &parent) || !text_word(&rest, &group) ||
	    text_u64(parent, 10, &ppid) || text_u64(group, 10, &pgrp))
		err = -EINVAL;
	else
		*ret = (struct stat_line){ .parent = ppid, .group = pgrp, .state = state.p[0] };
	free(buf);
	return err;
}

static enum others_relation relation(int procfd, pid_t pid, pid_t self, pid_t self_group)
{
	struct stat_line line;

	if (read_stat(procfd, pid, &line) || line.state == 'X')
		return OTHERS_GONE;
	if (pid == self || line.group == self_group)
		return OTHERS_KIN;
	if (!line.group)
		return OTHERS_KERNEL;
	for (int i = 0; i < DEEPEST && line.parent > 0; i++) {
		if (line.parent == self)
			return OTHERS_KIN;
		if (read_stat(procfd, line.parent, &line))
			break;
	}
	return OTHERS_STRANGER;
}

static pid_t group_of(int procfd, pid_t pid)
{
	struct stat_line line;

	/* Group 0 is that of kernel threads: never ours. */
	if (read_stat(procfd, pid, &line) || line.group <= 0)
		return -1;
	return line.group;
}

enum others_relation others_relation(const char *root, pid_t pid, pid_t self)
{
	int procfd = open_proc(root);
	enum others_relation rel;

	if (procfd < 0)
		return OTHERS_GONE;
	rel = relation(procfd, pid, self, group_of(procfd, self));
	close(procfd);
	return rel;
}

struct find {
	struct others *others;
	bool counted;
};

static int note_fd(const struct fdlist_entry *entry, void *data)
{
	struct find *find = data;
	struct others *others = find->others;
	struct text target = entry->target;
	uint64_t minor;

	others->users += !find->counted;
	find->counted = true;
	if (!strcmp(entry->what, "drm")) {
		if (text_skip(&target, TEXT("/dev/dri/card")) && !text_u64(target, 10, &minor) &&
		    minor < 64)
			others->primary |= 1ull << minor;
		else
			others->render = true;
	} else if (!strcmp(entry->what, "dma-buf")) {
		uint64_t *inodes = reallocarray(others->inodes, others->nr_inodes + 1,
						sizeof(*inodes));

		if (!inodes)
			return -ENOMEM;
		inodes[others->nr_inodes++] = entry->inode;
		others->inodes = inodes;
	}
	return 0;
}

int others_find(const char *root, pid_t self, struct others *others)
{
	int procfd = open_proc(root), err = 0;
	int listfd = procfd < 0 ? -1 : openat(procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = listfd < 0 ? NULL : fdopendir(listfd);
	struct dirent *dent;
	pid_t group;

	*others = (struct others){ 0 };
	if (!dir) {
		err = -errno;
		if (listfd >= 0)
			close(listfd);
		if (procfd >= 0)
			close(procfd);
		return err;
	}
	group = group_of(procfd, self);
	while (err != -ENOMEM && (dent = readdir(dir))) {
		struct find find = { .others = others };
		struct stat_line line;
		uint64_t pid;

		if (text_u64((struct text){ dent->d_name, strlen(dent->d_name) }, 10, &pid) ||
		    pid > INT_MAX || relation(procfd, pid, self, group) != OTHERS_STRANGER)
			continue;
		err = fdlist_walk(procfd, pid, note_fd, &find);
		/* Kernel threads (group 0) have no fds that could count. */
		if (err == -EACCES && !read_stat(procfd, pid, &line) && line.group)
			others->unreadable++;
	}
	closedir(dir);
	close(procfd);
	return err == -ENOMEM ? err : 0;
}

void others_finish(struct others *others)
{
	free(others->inodes);
	*others = (struct others){ 0 };
}

bool others_hold(const struct others *others, uint64_t inode)
{
	for (size_t i = 0; i < others->nr_inodes; i++) {
		if (others->inodes[i] == inode)
			return true;
	}
	return false;
}

bool others_any(const struct others *others)
{
	return others->users || others->unreadable;
}

bool others_on(const struct others *others, int minor)
{
	if (others->unreadable || others->render)
		return true;
	return minor >= 0 && minor < 64 && others->primary & (1ull << minor);
}
