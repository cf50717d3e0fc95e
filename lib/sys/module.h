/* SPDX-License-Identifier: MIT */
#ifndef SYS_MODULE_H
#define SYS_MODULE_H

#include <stdbool.h>

/** Is it loaded, as a module? Built-in code is not. */
bool sys_module_loaded(const char *name);

/** References on a loaded module, or -errno: -ENOENT when it is not loaded (or built in). */
int sys_module_refcnt(const char *name);

/** Loads it with what it depends on. 0, also when it is loaded or built in, or -errno. */
int sys_module_load(const char *name);

/** Removes it; never forced, never waits. 0 or -errno: -EBUSY or -EWOULDBLOCK when held. */
int sys_module_remove(const char *name);

#endif
