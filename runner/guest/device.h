/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_DEVICE_H
#define RUNNER_GUEST_DEVICE_H

/* What a device of --devices means for the guest and for QEMU. */
struct guest_device {
	const char *name;   /* as in --devices */
	const char *module; /* without the kernel's prefix or suffix */
	const char *driver; /* what DRM_IOCTL_VERSION says */
	const char *qemu;   /* argument of QEMU's -device, NULL for a device of software only */
};

/* NULL: no such device. */
const struct guest_device *guest_device_find(const char *name);

struct kernel;
struct diag;

/* --devices auto: the names of those that @kernel has a driver for, NULL-terminated. */
#define GUEST_DEVICES_AUTO "auto"
#define GUEST_DEVICES_MAX  8
int guest_devices_present(const struct kernel *kernel, const char *module_overlay,
			  const char *ret_names[static GUEST_DEVICES_MAX + 1], struct diag *d);

#endif
