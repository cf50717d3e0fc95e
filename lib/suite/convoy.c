// SPDX-License-Identifier: MIT
#include "suite/convoy.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "drm/gem.h"
#include "sys/debugfs.h"
#include "sys/file.h"

void convoy_init(struct convoy *convoy, const struct drm_device *device)
{
	char root[256], path[300];
	uint32_t handle, name;

	*convoy = (struct convoy)CONVOY_NONE;
	if (sys_debugfs_path(root, sizeof(root)))
		return;
	snprintf(path, sizeof(path), "%s/dri/%d/gem_names", root, device->card);
	convoy->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (convoy->fd < 0)
		return;
	drm_file_open(device, &convoy->file);
	for (int i = 0; i < CONVOY_NAMES; i++)
		if (__gem_create(&convoy->file, GEM_SMALL, &handle) ||
		    __gem_flink(&convoy->file, handle, &name))
			break;
}

void convoy_finish(struct convoy *convoy)
{
	sys_closep(&convoy->fd);
	drm_file_close(&convoy->file);
}

/* From the start each time: the list is made anew, under the mutex. */
void convoy_hold(struct convoy *convoy)
{
	char buf[CONVOY_NAMES * 40];

	if (convoy->fd >= 0 && pread(convoy->fd, buf, sizeof(buf), 0) < 0)
		return;
}
