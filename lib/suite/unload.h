/* SPDX-License-Identifier: MIT */
#ifndef SUITE_UNLOAD_H
#define SUITE_UNLOAD_H

#include <stddef.h>

#include "drm/device.h"

/** How long a module's last users may take to go: files close late, objects after RCU. */
#define UNLOAD_SETTLE_MS 5000

/**
 * struct unload - a device's module, to be taken away and put back
 *
 * Never by force, and never while anybody else uses it: then the subtest skips.
 */
struct unload {
	const struct drm_device *device;
	char module[64];
};

/**
 * Finds the module and puts it back where an earlier subtest left it out. Skips without the right
 * to unload modules, when the driver is built in, when somebody has it in use already, and for
 * drivers of hardware unless GEMRACE_DESTRUCTIVE is 1: it may be somebody's display.
 */
void unload_require(struct unload *unload, const struct drm_device *device);

/** Waits UNLOAD_SETTLE_MS for the module's last users. How many are left, or -errno. */
int unload_settle(const struct unload *unload);

/** One try. 0 or -errno; -EAGAIN: it is in use. */
int __unload_try(const struct unload *unload);

/** Asserts that the module can go, within UNLOAD_SETTLE_MS for its last users; says who is left. */
void unload_module(const struct unload *unload);

/** Asserts that @what keeps the module: one reference, and the unload refused. */
void unload_is_refused(const struct unload *unload, const char *what);

/** Loads it again and waits for the device; asserts. */
void unload_put_back(const struct unload *unload);

/**
 * Unloads drm itself with all that uses it. 0; else the first module that could not go, with the
 * reason (-errno), in @why: then the devices are put back by unload_put_back().
 */
int unload_drm(char *why, size_t size);

#endif
