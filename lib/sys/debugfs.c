// SPDX-License-Identifier: MIT
#include "sys/debugfs.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define DEBUGFS "/sys/kernel/debug"

static int find_mount(char *buf, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	int ret = -ENOENT;

	if (!mounts)
		return -errno;
	while (ret && (entry = getmntent(mounts)))
		if (!strcmp(entry->mnt_type, "debugfs"))
			ret = snprintf(buf, size, "%s", entry->mnt_dir) < (int)size ? 0
										    : -ENAMETOOLONG;
	endmntent(mounts);
	return ret;
}

int sys_debugfs_path(char *buf, size_t size)
{
	int ret = find_mount(buf, size);

	if (ret != -ENOENT)
		return ret;
	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL) && errno != EBUSY)
		return -errno;
	return find_mount(buf, size);
}
