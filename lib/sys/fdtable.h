/* SPDX-License-Identifier: MIT */
#ifndef SYS_FDTABLE_H
#define SYS_FDTABLE_H

#include <stddef.h>
#include <sys/resource.h>

/** struct sys_fdtable - a process that has no fd left: whatever installs one gets EMFILE */
struct sys_fdtable {
	struct rlimit limit; /* to be put back */
	int *fds;            /* those that fill the holes */
	size_t count;
};

/**
 * sys_fdtable_fill - leave no free fd below the lowered RLIMIT_NOFILE
 *
 * Fds that are open stay. Other threads share both the table and the limit.
 * 0 or -errno, then nothing has changed.
 */
int sys_fdtable_fill(struct sys_fdtable *table);

/** Gives the fds and the limit back. */
void sys_fdtable_restore(struct sys_fdtable *table);

/** The lowest free fd, which the next call that installs one gives out; or -errno. */
int sys_lowest_fd(void);

#endif
