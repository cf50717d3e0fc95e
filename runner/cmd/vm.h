/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_VM_H
#define RUNNER_CMD_VM_H

#include "cmd/turns.h"
#include "guest/device.h"

/* What it takes to boot: found, fetched or built from the options. */
struct machine_parts {
	struct kernel kernel;
	char *cache, *igt_root, *image;
	const char *devices[GUEST_DEVICES_MAX + 1]; /* what --devices auto found */
	struct machine machine; /* made of the above */
};

/*
 * Resolves the kernel and igt_runner and builds the guest's image with the tests and self-tests in
 * it; notes kernel and machine in s->root. 0 or -errno with @d filled in; machine_parts_finish() in
 * any case.
 */
int machine_parts_make(struct session *s, struct machine_parts *parts, struct diag *d);
void machine_parts_finish(struct machine_parts *parts);

/* gemrace vm --selftest */
int vm_selftest(const struct options *options, struct diag *d);

/* gemrace vm --exec, gemrace vm -- COMMAND: returns the command's own exit status. */
int vm_exec(const struct options *options, struct diag *d);

#endif
