/* SPDX-License-Identifier: MIT */
#ifndef SYS_KMEMLEAK_H
#define SYS_KMEMLEAK_H

#include <stddef.h>

/**
 * sys_kmemleak_start - have what is lost so far forgotten
 *
 * 0, or -errno; -ENOENT: a kernel without kmemleak, or it has switched itself off. Takes a scan of
 * all memory: seconds under emulation.
 */
int sys_kmemleak_start(void);

/**
 * sys_kmemleak_look - what @comm has allocated and nothing points to any more
 *
 * kmemleak believes nothing of what is younger than five seconds (mm/kmemleak.c: MSECS_MIN_AGE),
 * so this takes that long, and a scan. @comm: a task's name as the kernel cuts it, or NULL for all.
 * @ret_first: the first one's size and innermost functions, in one line; "" if there is none.
 *
 * Returns how many objects, or -errno.
 */
int sys_kmemleak_look(const char *comm, char *ret_first, size_t size);

/** The same for a report that was read already: for sys_kmemleak_look() and the unit test. */
int sys_kmemleak_parse(const char *report, const char *comm, char *ret_first, size_t size);

#endif
