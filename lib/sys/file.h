/* SPDX-License-Identifier: MIT */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include <stddef.h>

/**
 * sys_read_file - read a small file of procfs or sysfs
 *
 * @buf is always terminated. Returns the length, or -errno; -EFBIG when it does not fit.
 */
int sys_read_file(const char *path, char *buf, size_t size);

/**
 * sys_write_file - give a file of procfs, sysfs or debugfs its new content, in one write
 *
 * Such a file takes a command or a setting whole, so there is no second write for a rest. Nothing
 * is created or cut. 0 or -errno, of opening or of writing; -EIO when only a part was taken.
 */
int sys_write_file(const char *path, const char *text);

/** A number of any sign and base in a file. 0 or -errno; -EINVAL when it is not one. */
int sys_read_number(const char *path, long long *ret_value);

/** An fd for cleanup: int fd _cleanup_close_ = -1; */
void sys_closep(int *fd);
#define _cleanup_close_ __attribute__((cleanup(sys_closep)))

#endif
