/* SPDX-License-Identifier: MIT */
#ifndef SYS_MODULE_H
#define SYS_MODULE_H

/** Loads a module with what it depends on. 0, also when it is loaded or built in, or -errno. */
int sys_module_load(const char *name);

#endif
