/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KERNEL_MODINDEX_H
#define RUNNER_KERNEL_MODINDEX_H

#include "kernel/modules.h"

/*
 * The modules.dep.bin of the modules in the load order, as libkmod reads it (libkmod-index.h: a
 * trie in big-endian words), so that tests in the guest can load and unload them by name. depmod
 * would make it too, but is not everywhere and wants the modules unpacked in a folder. Each
 * module's file is "kernel/NAME.ko". The caller frees *@ret_data; 0 or -ENOMEM.
 */
int modindex_make(const struct modules *modules, char **ret_data, size_t *ret_size);

#endif
