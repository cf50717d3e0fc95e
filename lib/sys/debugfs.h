/* SPDX-License-Identifier: MIT */
#ifndef SYS_DEBUGFS_H
#define SYS_DEBUGFS_H

#include <stddef.h>

/**
 * sys_debugfs_path - where debugfs is mounted
 *
 * Mounts it at /sys/kernel/debug when it is nowhere. 0 with the path in @buf, or -errno:
 * -EACCES and -EPERM without the privilege to look or to mount.
 */
int sys_debugfs_path(char *buf, size_t size);

#endif
