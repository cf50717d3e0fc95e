/* SPDX-License-Identifier: MIT */
/*
 * Graphics fds of a process, as /proc/PID/fd shows them.
 */
#ifndef ORACLE_FDLIST_H
#define ORACLE_FDLIST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "oracle/text.h"

/**
 * fdlist_classify() - what an fd's link target stands for, if it matters to DRM.
 *
 * Returns "drm", "dma-buf", "sync_file", "syncobj", "udmabuf", "dma-heap", "sw_sync", or NULL.
 */
const char *fdlist_classify(struct text target);

/** struct fdlist_entry - one graphics fd, valid during the callback. */
struct fdlist_entry {
	int fd;
	const char *what; /* fdlist_classify() */
	struct text target;
	uint64_t inode; /* 0 when it could not be had */
};

/**
 * fdlist_walk() - calls @visit for every graphics fd of @pid until it returns non-zero.
 * @procfd: an open /proc
 *
 * Returns 0, what @visit returned, or -errno: -EACCES for somebody else's process, -ENOENT or
 * -ESRCH for one that is gone.
 */
int fdlist_walk(int procfd, pid_t pid, int (*visit)(const struct fdlist_entry *entry, void *data),
		void *data);

/**
 * fdlist_is_mapped() - whether @pid maps a dma-buf with this inode.
 *
 * A mapping holds the dma-buf's file as an fd does.
 */
bool fdlist_is_mapped(int procfd, pid_t pid, uint64_t inode);

#endif
