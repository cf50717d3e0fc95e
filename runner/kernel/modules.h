/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KERNEL_MODULES_H
#define RUNNER_KERNEL_MODULES_H

#include "kernel/kernel.h"

#include <stdbool.h>
#include <stddef.h>

/* A module's file. Names are as lsmod shows them, with '_' for '-'. */
struct module {
	char *name;
	char *path; /* on the host, maybe compressed */
	char *data; /* uncompressed, once modules_require() wants it */
	size_t size;
	char **needs; /* names of those it depends on, NULL-terminated; NULL until read */
	bool placed;  /* in the load order, or on its way there */
};

/* All modules of one kernel, and those chosen from it in the order they must be loaded. */
struct modules {
	struct module *all; /* sorted by name */
	size_t count;
	char **builtin; /* names, from modules.builtin; NULL when the kernel brings no such file */
	size_t builtin_count;

	struct module **order;
	size_t order_count;
};

/*
 * Lists a kernel's modules: lib/modules/RELEASE is walked, a build tree is read by modules.order.
 * Files in @overlay (a folder, may be NULL) take the place of modules with the same file name.
 * 0 or -errno with @d filled in.
 */
int modules_open(const struct kernel *kernel, const char *overlay, struct modules *ret,
		 struct diag *d);

enum module_place {
	MODULE_FILE,    /* appended to the order, behind everything it depends on */
	MODULE_BUILTIN, /* nothing to load */
	MODULE_UNKNOWN, /* no such file, and no modules.builtin to ask */
	MODULE_MISSING, /* not in this kernel */
};

/*
 * Adds a module and what it depends on (its own .modinfo says what: always there and never stale,
 * while Debian's packages come without modules.dep) to the load order. -errno with @d filled in
 * when a file cannot be read or a dependency is missing.
 */
int modules_require(struct modules *modules, const char *name, enum module_place *ret,
		    struct diag *d);

void modules_finish(struct modules *modules);

/* The name a module has in the kernel, from its file's path: "virtio-gpu.ko.xz" -> "virtio_gpu". */
char *module_name_of_path(const char *path);

/*
 * The values of @key in a .modinfo section ("depends", "softdep"), one by one: start with
 * *@iter = 0, NULL ends.
 */
const char *modinfo_next(const char *modinfo, size_t size, const char *key, size_t *iter);

#endif
