/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_VM_H
#define RUNNER_CMD_VM_H

#include "cmd/turns.h"
#include "guest/device.h"

/* What it takes to boot: found, fetched or built from the options. */
struct machine_parts {
	struct kernel kernel;
	char *cache, *igt_root, *image;
	struct strings extra; /* what goes to /add in the guest, where that is more than --add */
	char *module;         /* one of these, that was built for the kernel */
	const char *devices[GUEST_DEVICES_MAX + 1]; /* what --devices auto found */
	struct machine machine;                     /* made of the above */
};

/*
 * Resolves the kernel and igt_runner and builds the guest's image with the tests and self-tests in
 * it; notes kernel and machine in s->root. 0 or -errno with @d filled in; machine_parts_finish() in
 * any case.
 */
int machine_parts_make(struct session *s, struct machine_parts *parts, struct diag *d);

/* Its two halves, for who has to know the kernel before the image is made. */
int machine_kernel_find(struct session *s, struct machine_parts *parts, struct diag *d);
int machine_image_make(struct session *s, struct machine_parts *parts, struct diag *d);

/* Tells the session's user about slow steps. */
struct notifier machine_notifier(struct session *s);
void machine_parts_finish(struct machine_parts *parts);

/*
 * Builds the module that makes the parts' kernel cry, for its guest: parts->module, which stays
 * NULL where no headers are to be had; that is said, and is no error.
 */
int selftest_cry_module(struct session *s, struct machine_parts *parts, struct diag *d);

struct expectation;

/* Whether a self-test was right to skip: the kernel lacks what it needs, or there is no module. */
bool selftest_may_skip(const json_t *test, const struct expectation *e, bool has_module);

/* What is wrong with the record of a self-test that makes @cry, NULL: nothing. It may use @buf. */
const char *selftest_cry_problem(const json_t *test, const char *cry, char *buf, size_t size);

/* gemrace vm --selftest */
int vm_selftest(const struct options *options, struct diag *d);

/* gemrace vm --exec, gemrace vm -- COMMAND: returns the command's own exit status. */
int vm_exec(const struct options *options, struct diag *d);

#endif
