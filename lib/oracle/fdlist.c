// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oracle/fdlist.h"

static const struct {
	struct text prefix;
	const char *what;
} classes[] = {
	{ { "/dev/dri/", 9 }, "drm" },
	{ { "/dmabuf:", 8 }, "dma-buf" },
	{ { "anon_inode:sync_file", 20 }, "sync_file" },
	{ { "anon_inode:syncobj_file", 23 }, "syncobj" },
	{ { "/dev/udmabuf", 12 }, "udmabuf" },
	{ { "/dev/dma_heap/", 14 }, "dma-heap" },
	{ { "/sys/kernel/debug/sync/sw_sync", 30 }, "sw_sync" },
};

const char *fdlist_classify(struct text target)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (text_has_prefix(target, classes[i].prefix))
			return classes[i].what;
	}
	return NULL;
}

int fdlist_walk(int procfd, pid_t pid, int (*visit)(const struct fdlist_entry *entry, void *data),
		void *data)
{
	char path[64], target[PATH_MAX];
	struct dirent *dent;
	int dirfd, err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%d/fd", pid);
	dirfd = openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return -errno;
	dir = fdopendir(dirfd);
	if (!dir) {
		err = -errno;
		close(dirfd);
		return err;
	}
	while (!err && (dent = readdir(dir))) {
		struct fdlist_entry entry = { 0 };
		uint64_t number;
		struct stat st;
		ssize_t len;

		if (text_u64((struct text){ dent->d_name, strlen(dent->d_name) }, 10, &number) ||
		    number > INT_MAX)
			continue;
		len = readlinkat(dirfd, dent->d_name, target, sizeof(target));
		if (len <= 0)
			continue;
		entry.target = (struct text){ target, len };
		entry.what = fdlist_classify(entry.target);
		if (!entry.what)
			continue;
		entry.fd = number;
		if (!fstatat(dirfd, dent->d_name, &st, 0))
			entry.inode = st.st_ino;
		err = visit(&entry, data);
	}
	closedir(dir);
	return err;
}

/* "start-end perms offset major:minor inode      /dmabuf:name" */
bool fdlist_is_mapped(int procfd, pid_t pid, uint64_t inode)
{
	struct text text, line;
	bool found = false;
	char path[64], *buf;
	size_t len;

	snprintf(path, sizeof(path), "%d/maps", pid);
	if (text_read_at(procfd, path, &buf, &len))
		return false;
	text = (struct text){ buf, len };
	while (!found && text_line(&text, &line)) {
		struct text word[5] = { 0 };
		uint64_t number;

		for (int i = 0; i < 5; i++)
			text_word(&line, &word[i]);
		found = text_has_prefix(text_trim(line), TEXT("/dmabuf:")) &&
			!text_u64(word[4], 10, &number) && number == inode;
	}
	free(buf);
	return found;
}
