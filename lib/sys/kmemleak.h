/* SPDX-License-Identifier: MIT */
#ifndef SYS_KMEMLEAK_H
#define SYS_KMEMLEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * sys_kmemleak_start - have what is lost so far forgotten
 *
 * 0, or -errno; -ENOENT: a kernel without kmemleak, or it is switched off or locked down. Takes a
 * scan of all memory: seconds under emulation.
 */
int sys_kmemleak_start(void);

/**
 * sys_kmemleak_look - what @comm has allocated and nothing points to any more
 *
 * kmemleak believes nothing of what is younger than five seconds (mm/kmemleak.c: MSECS_MIN_AGE),
 * so this takes that long, and two scans: what changed since the one before, or is new, is taken
 * for alive (update_checksum() in kmemleak_scan()). @comm: a task's name as the kernel cuts it, or
 * NULL for all.
 * @ret_first: the first one's size and innermost functions, in one line; "" if there is none.
 *
 * Returns how many objects, or -errno; -EFBIG: none in the report's first MiB, and it is longer.
 */
int sys_kmemleak_look(const char *comm, char *ret_first, size_t size);

/** The same for a report that was read already: for sys_kmemleak_look() and the unit test. */
int sys_kmemleak_parse(const char *report, const char *comm, char *ret_first, size_t size);

/** struct sys_kmemleak_object - one object that nothing points to any more. */
struct sys_kmemleak_object {
	unsigned int size; /* bytes */
	char comm[16];     /* of the task that allocated it */
	pid_t pid;
	uint64_t jiffies; /* when it was allocated, see sys_kmemleak_now() */
	char where[160];  /* the innermost functions, the allocator's own left out */
};

/**
 * sys_kmemleak_next - the next object in a report
 *
 * Returns where to go on, or NULL when there is none. One that was cut off, or whose task and time
 * cannot be read, has zeroes and empty strings there.
 */
const char *sys_kmemleak_next(const char *report, struct sys_kmemleak_object *ret);

/**
 * sys_kmemleak_scan - what is lost as of now
 * @ret_report: the kernel's report, the caller frees it
 * @ret_cut: it is over a MiB, and that is its beginning only
 *
 * Takes six seconds and two scans, see sys_kmemleak_look(). What was in it, its end included, is
 * forgotten: it will not be reported again. 0 or -errno, -ENOENT as for sys_kmemleak_start().
 */
int sys_kmemleak_scan(char **ret_report, bool *ret_cut);

/** sys_kmemleak_has - 0 where there is a kmemleak that works, else -errno. */
int sys_kmemleak_has(void);

/**
 * sys_kmemleak_now - jiffies, as kmemleak's reports count them
 *
 * From /proc/timer_list, the only file that tells. 0 or -errno.
 */
int sys_kmemleak_now(uint64_t *ret_jiffies);

#endif
