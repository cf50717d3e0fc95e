/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_IMAGE_H
#define RUNNER_GUEST_IMAGE_H

#include "kernel/kernel.h"

/*
 * Finds igt_runner for the guest: fetches Debian's igt-gpu-tools with what it needs into the cache,
 * once. *@ret_root is a folder that looks like / (usr/bin/igt_runner, lib64/ld-linux-x86-64.so.2),
 * or "" where it cannot be fetched and this machine has an igt_runner on PATH; the caller frees it.
 */
int igt_root_resolve(const char *cache, const struct notifier *notifier, char **ret_root,
		     struct diag *d);

struct guest_image_request {
	const struct kernel *kernel;
	const char *const *devices; /* drivers the guest loads: "vgem", ..., NULL-terminated */
	const char *igt_root;       /* from igt_root_resolve() */
	const char *tests_dir;      /* test binaries and test-list.txt: /usr/libexec/gemrace */
	const char *selftest_dir;   /* may be NULL: /usr/libexec/gemrace/selftest */
	const char *bench_dir;      /* may be NULL: /usr/libexec/gemrace/bench */
	const char *const *extra;   /* files and folders of the user's: /add; NULL-terminated */
	const char *module_overlay; /* folder of .ko files, in place of the kernel's; or NULL */
	const char *init;           /* the guest's first process, static */
	const char *cache;
	struct notifier notifier;
};

/*
 * Builds the initramfs, or finds the one built earlier from the same content. A kernel without the
 * module of a device asked for is GEMRACE_USAGE. The caller frees *@ret_path.
 */
int guest_image_build(const struct guest_image_request *req, char **ret_path, struct diag *d);

#endif
