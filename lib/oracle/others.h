/* SPDX-License-Identifier: MIT */
/*
 * Other processes that use DRM: a compositor, a browser. What they hold is not ours.
 */
#ifndef ORACLE_OTHERS_H
#define ORACLE_OTHERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct others {
	unsigned int users;      /* foreign processes with graphics fds */
	unsigned int unreadable; /* user processes whose fds may not be looked at */
	uint64_t primary;        /* bit N: one of them has /dev/dri/cardN open */
	bool render;             /* ... a render node, which may belong to any device */
	uint64_t *inodes;        /* dma-bufs they hold by fd */
	size_t nr_inodes;
};

/**
 * others_find() - looks through every process that is not in @self's tree or process group.
 * @root: prefix of /proc, NULL for the running system
 *
 * Costs a few milliseconds with hundreds of processes, so call it only once there is something to
 * attribute. Returns 0 or -errno; others_finish() either way.
 */
int others_find(const char *root, pid_t self, struct others *others);
void others_finish(struct others *others);

/** others_hold() - whether one of them has this dma-buf open. */
bool others_hold(const struct others *others, uint64_t inode);

/** others_any() - whether anybody else may have made a graphics object. */
bool others_any(const struct others *others);

/** others_on() - whether anybody else may have made an object of this primary minor. */
bool others_on(const struct others *others, int minor);

enum others_relation {
	OTHERS_GONE,   /* no such process (any more) */
	OTHERS_KIN,    /* @self, a descendant, or of the same process group */
	OTHERS_KERNEL, /* a kernel thread: it works for everybody */
	OTHERS_STRANGER,
};

/** others_relation() - how @pid stands to @self, by /proc/PID/stat. */
enum others_relation others_relation(const char *root, pid_t pid, pid_t self);

#endif
