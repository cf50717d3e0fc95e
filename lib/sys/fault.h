/* SPDX-License-Identifier: MIT */
#ifndef SYS_FAULT_H
#define SYS_FAULT_H

#include <stdbool.h>

#define SYS_FAULT_SETTINGS 8

/**
 * struct sys_fault - makes the n-th allocation of one thread fail
 *
 * Needs CONFIG_FAULT_INJECTION with FAILSLAB, and root. What counts, and fails as the n-th, is
 * every attempt of the calling thread at an injection point: slab and page allocations, and copies
 * from and to user space where the kernel has CONFIG_FAULT_INJECTION_USERCOPY
 * (lib/fault-inject.c: should_fail_ex()).
 */
struct sys_fault {
	int nth;                   /**< /proc/thread-self/fail-nth of the thread that opened it */
	const char *debugfs_error; /**< the setting that could not be made, or NULL */
	struct {
		char path[160];
		char value[32]; /**< to be put back; "": was never changed */
	} saved[SYS_FAULT_SETTINGS];
};

/**
 * sys_fault_open - get ready, for the calling thread
 *
 * By itself the kernel only fails allocations that may not sleep, of two pages and more, and says
 * each time that it did; here every allocation may fail, in silence. The settings are global to the
 * machine, but nothing fails anywhere that no thread asked for.
 *
 * 0, or -errno: -ENOENT on a kernel without fault injection.
 */
int sys_fault_open(struct sys_fault *fault);

/** Puts the settings back. Fine when sys_fault_open() failed. */
void sys_fault_close(struct sys_fault *fault);

/**
 * sys_fault_arm - the @n-th from now on fails
 *
 * Touch the memory that the call uses beforehand: a page fault allocates too. 0 or -errno.
 */
int sys_fault_arm(struct sys_fault *fault, unsigned int n);

/** sys_fault_disarm - whether there was an n-th since. 0 or -errno. */
int sys_fault_disarm(struct sys_fault *fault, bool *ret_injected);

#endif
