// SPDX-License-Identifier: MIT
#include "guest/init/init.h"

#include "vm/protocol.h"

#include <drm.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define CARDS_MAX   16
#define WAIT_MS     10000
#define INTERVAL_MS 10

static bool is_driver(const char *path, const char *driver)
{
	char name[32] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };
	int fd = open(path, O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return false;
	ret = ioctl(fd, DRM_IOCTL_VERSION, &version);
	close(fd);
	return !ret && !strcmp(name, driver);
}

static bool find(const char *driver, char *path, size_t size)
{
	for (int i = 0; i < CARDS_MAX; i++) {
		snprintf(path, size, "/dev/dri/card%d", i);
		if (is_driver(path, driver))
			return true;
	}
	return false;
}

void devices_wait(int channel)
{
	const struct timespec interval = { .tv_nsec = INTERVAL_MS * 1000000L };
	FILE *f = fopen(GUEST_DEVICES, "re");
	char device[32], driver[32], path[32];

	while (f && fscanf(f, "%31s %31s", device, driver) == 2) {
		int left = WAIT_MS;

		while (!find(driver, path, sizeof(path))) {
			if ((left -= INTERVAL_MS) < 0)
				guest_fail(channel, "no card of driver %s in /dev/dri within %d s",
					   driver, WAIT_MS / 1000);
			nanosleep(&interval, NULL);
		}
		channel_send(channel, "fact device %s %s", device, path);
	}
	if (f)
		fclose(f);
}
