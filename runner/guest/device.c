// SPDX-License-Identifier: MIT
#include "guest/device.h"

#include "diag.h"
#include "kernel/modules.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct guest_device devices[] = {
	{ "vgem", "vgem", "vgem", NULL },
	{ "virtio-gpu", "virtio_gpu", "virtio_gpu", "virtio-gpu-pci" },
	{ "bochs", "bochs", "bochs-drm", "bochs-display" },
	{ "vkms", "vkms", "vkms", NULL },
};

_Static_assert(sizeof(devices) / sizeof(*devices) <= GUEST_DEVICES_MAX, "too many devices");

const struct guest_device *guest_device_find(const char *name)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		if (!strcmp(devices[i].name, name))
			return &devices[i];
	}
	return NULL;
}

int guest_devices_present(const struct kernel *kernel, const char *module_overlay,
			  const char *ret_names[static GUEST_DEVICES_MAX + 1], struct diag *d)
{
	struct modules modules = { 0 };
	size_t n = 0;
	int err;

	err = modules_open(kernel, module_overlay, &modules, d);
	for (size_t i = 0; !err && i < sizeof(devices) / sizeof(*devices); i++) {
		enum module_place place = MODULE_MISSING;

		err = modules_require(&modules, devices[i].module, &place, d);
		if (!err && (place == MODULE_FILE || place == MODULE_BUILTIN))
			ret_names[n++] = devices[i].name;
	}
	modules_finish(&modules);
	ret_names[n] = NULL;
	if (!err && !n)
		err = diag_set(d, GEMRACE_USAGE, ENOENT,
			       "--devices auto: kernel %s has a driver for none of them",
			       kernel->release);
	return err;
}
