/* SPDX-License-Identifier: MIT */
#ifndef SYS_MODULE_H
#define SYS_MODULE_H

#include <stddef.h>

/** Loads a module with what it depends on. 0, also when it is loaded or built in, or -errno. */
int sys_module_load(const char *name);

/**
 * Unloads that one module, never by force: whoever uses it keeps it. 0, or -errno: -ENOENT: not
 * loaded; -EAGAIN: it is in use, by another module or otherwise; -EBUSY: it is coming or going.
 */
int sys_module_unload(const char *name);

/**
 * How often the module is in use, modules that depend on it included. -ENOENT: not loaded;
 * -EOPNOTSUPP: it is in the kernel itself, or cannot be unloaded.
 */
int sys_module_refcnt(const char *name);

/**
 * Names the loaded modules that use this one, separated by spaces; "" for none. Returns how many,
 * or -errno as above; -EFBIG: @buf is too small.
 */
int sys_module_holders(const char *name, char *buf, size_t size);

/**
 * The module of a device's driver, from its folder in /sys/devices. 0, or -errno; -ENOENT: the
 * driver is built in, or there is no driver.
 */
int sys_device_module(const char *device, char *buf, size_t size);

#endif
