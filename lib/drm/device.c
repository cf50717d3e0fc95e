// SPDX-License-Identifier: MIT
#include "drm/device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xf86drm.h>

#include "drm/file.h"
#include "sys/file.h"

#define NODES "/dev/dri"

/* N of "PREFIXN", or -1. */
static int node_number(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);
	char *end;
	long number;

	if (strncmp(name, prefix, len) || name[len] < '0' || name[len] > '9')
		return -1;
	number = strtol(name + len, &end, 10);
	return *end || number > INT_MAX ? -1 : (int)number;
}

static uint16_t pci_id(int card, const char *which)
{
	char path[96];
	long long value;

	snprintf(path, sizeof(path), "/sys/class/drm/card%d/device/%s", card, which);
	return sys_read_number(path, &value) || value < 0 || value > UINT16_MAX ? 0 : value;
}

static void find_sys(struct drm_device *device)
{
	char path[96], real[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/drm/card%d/device", device->card);
	if (realpath(path, real) && strlen(real) < sizeof(device->sys))
		strcpy(device->sys, real);
}

/* The render node is the other one below the same device. */
static void find_render(struct drm_device *device)
{
	char path[96];
	struct dirent *entry;
	DIR *dir;
	int number;

	snprintf(path, sizeof(path), "/sys/class/drm/card%d/device/drm", device->card);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		number = node_number(entry->d_name, "renderD");
		if (number >= 0)
			snprintf(device->render, sizeof(device->render), NODES "/renderD%d",
				 number);
	}
	closedir(dir);
}

static void ask_driver(const struct drm_io *io, struct drm_device *device)
{
	int fd = io->open(io->data, device->primary, O_RDWR);

	if (fd < 0) {
		device->error = fd;
		return;
	}
	device->error = __drm_driver_name(io, fd, device->driver, sizeof(device->driver));
	io->close(io->data, fd);
}

static void add_card(const struct drm_io *io, struct drm_device_list *list, const char *name)
{
	struct drm_device *device = &list->device[list->count];
	int card = node_number(name, "card");

	if (card < 0 || list->count == DRM_MAX_DEVICES)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (list->device[i].card == card)
			return;
	memset(device, 0, sizeof(*device));
	device->card = card;
	snprintf(device->primary, sizeof(device->primary), NODES "/card%d", card);
	find_sys(device);
	find_render(device);
	device->pci_vendor = pci_id(card, "vendor");
	device->pci_device = pci_id(card, "device");
	ask_driver(io, device);
	list->count++;
}

static void add_from_libdrm(const struct drm_io *io, struct drm_device_list *list)
{
	drmDevicePtr devices[DRM_MAX_DEVICES];
	int count = drmGetDevices2(0, devices, DRM_MAX_DEVICES);

	if (count <= 0)
		return;
	if (count > DRM_MAX_DEVICES)
		count = DRM_MAX_DEVICES;
	for (int i = 0; i < count; i++) {
		const char *node = devices[i]->nodes[DRM_NODE_PRIMARY];

		if ((devices[i]->available_nodes & 1 << DRM_NODE_PRIMARY) && strrchr(node, '/'))
			add_card(io, list, strrchr(node, '/') + 1);
	}
	drmFreeDevices(devices, count);
}

static int by_card(const void *a, const void *b)
{
	const struct drm_device *x = a, *y = b;

	return (x->card > y->card) - (x->card < y->card);
}

int drm_device_scan(const struct drm_io *io, struct drm_device_list *ret_list)
{
	struct dirent *entry;
	DIR *dir;

	ret_list->count = 0;
	add_from_libdrm(io, ret_list);
	dir = opendir(NODES);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)))
		add_card(io, ret_list, entry->d_name);
	closedir(dir);
	qsort(ret_list->device, ret_list->count, sizeof(ret_list->device[0]), by_card);
	return 0;
}
