/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_ACCEL_H
#define RUNNER_VM_ACCEL_H

#include <stdbool.h>

/*
 * Whether KVM really runs a guest here: boots a few instructions under it that must reach QEMU's
 * exit port within a bounded time. A /dev/kvm that opens proves nothing: inside some virtual
 * machines the guest then stalls or dies of an internal error. The answer is remembered in @cache
 * (may be NULL) until the host's next boot.
 */
bool accel_kvm_works(const char *cache);

#endif
