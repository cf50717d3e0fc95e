// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include "vm/protocol.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct mount_point {
	const char *where, *type, *options;
	bool needed;
};

/* debugfs and tracefs may be configured out: the tests that need them skip. */
static const struct mount_point mount_points[] = {
	{ "/proc", "proc", NULL, true },
	{ "/sys", "sysfs", NULL, true },
	{ "/dev", "devtmpfs", NULL, true },
	{ "/dev/pts", "devpts", "ptmxmode=0666", false },
	{ "/dev/shm", "tmpfs", NULL, false },
	{ "/tmp", "tmpfs", NULL, true },
	{ "/run", "tmpfs", NULL, true },
	{ "/sys/kernel/debug", "debugfs", NULL, false },
	{ "/sys/kernel/tracing", "tracefs", NULL, false },
	{ "/sys/kernel/config", "configfs", NULL, false },
	{ "/sys/fs/cgroup", "cgroup2", NULL, false },
};

const char *mounts_system(void)
{
	for (size_t i = 0; i < sizeof(mount_points) / sizeof(*mount_points); i++) {
		const struct mount_point *m = &mount_points[i];

		mkdir(m->where, 0755);
		if (mount(m->type, m->where, m->type, MS_NOSUID, m->options) && m->needed &&
		    errno != EBUSY)
			return m->where;
	}
	/* The kernel (7.2) warns of whoever takes this way first, and a test would fail for it. */
	access("/sys/kernel/debug/tracing/README", F_OK);
	return NULL;
}

int mounts_share(void)
{
	/* cache=mmap: files there can be mapped. msize: fewer trips to the host per file. */
	static const char options[] = "trans=virtio,version=9p2000.L,cache=mmap,msize=262144";

	mkdir(GUEST_SHARE, 0755);
	return mount(PROTOCOL_SHARE, GUEST_SHARE, "9p", 0, options) ? -errno : 0;
}
