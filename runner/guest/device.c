// SPDX-License-Identifier: MIT
#include "guest/device.h"

#include <stddef.h>
#include <string.h>

static const struct guest_device devices[] = {
	{ "vgem", "vgem", "vgem", NULL },
	{ "vkms", "vkms", "vkms", NULL },
	{ "virtio-gpu", "virtio_gpu", "virtio_gpu", "virtio-gpu-pci" },
	{ "bochs", "bochs", "bochs-drm", "bochs-display" },
};

const struct guest_device *guest_device_find(const char *name)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		if (!strcmp(devices[i].name, name))
			return &devices[i];
	}
	return NULL;
}
