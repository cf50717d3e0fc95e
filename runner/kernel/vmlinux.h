/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KERNEL_VMLINUX_H
#define RUNNER_KERNEL_VMLINUX_H

#include "kernel/kernel.h"

#include <stdbool.h>

/*
 * Points @kernel->image at the uncompressed ELF inside its bzImage, unpacked into @cache once, when
 * that can be booted (CONFIG_PVH): a guest under emulation takes seconds to unpack it at every
 * boot. Otherwise leaves the image as it is. 0, or -errno when the cache cannot be written.
 */
int vmlinux_prefer(struct kernel *kernel, const char *cache);

/*
 * Finds the compressed kernel in a bzImage (offsets of the x86 boot protocol, 2.08 and later). 0,
 * or -ENOEXEC.
 */
int bzimage_payload(const unsigned char *data, size_t size, size_t *ret_offset, size_t *ret_size);

/* Whether an ELF kernel has the PVH entry point that QEMU starts at. */
bool vmlinux_has_pvh(const void *data, size_t size);

#endif
