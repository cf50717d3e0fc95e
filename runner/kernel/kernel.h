/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KERNEL_KERNEL_H
#define RUNNER_KERNEL_KERNEL_H

#include "exec/cancel.h"

#include <stddef.h>

struct diag;

/* Tells the user about slow steps ("fetching linux-image-7.2 (98 MB)"); @line has no newline. */
struct notifier {
	void (*note)(void *data, const char *line);
	void *data;
	const struct cancel *cancel; /* once set, slow steps end with -EINTR; may be NULL */
};

static inline int notifier_cancel_fd(const struct notifier *notifier)
{
	return notifier->cancel ? notifier->cancel->fd : -1;
}

static inline void notify(const struct notifier *notifier, const char *line)
{
	if (notifier->note)
		notifier->note(notifier->data, line);
}

struct kernel_request {
	const char *spec;  /* --kernel, NULL: the newest packaged one */
	const char *cache; /* gemrace's cache folder, exists */
	struct notifier notifier;
};

/* A kernel that can be booted. The strings belong to the struct. */
struct kernel {
	char *image;       /* vmlinuz or bzImage */
	char *modules_dir; /* .../lib/modules/RELEASE */
	char *release;     /* uname -r */
	char *origin;      /* for people: "debian:7.2 (linux-image-7.2.13 7.2.13-1)" */
};

/*
 * Finds, and where needed fetches or builds, the kernel that @req names: debian:VERSION,
 * build:[FLAVOUR:]SOURCE, a folder with a kernel image and lib/modules, or a built kernel tree. A
 * name that leads nowhere is GEMRACE_USAGE, a failed download or build GEMRACE_HARNESS. Returns 0
 * or -errno with @d filled in.
 */
int kernel_resolve(const struct kernel_request *req, struct kernel *ret_kernel, struct diag *d);

/* Frees the strings and clears the struct; fine on a zeroed one. */
void kernel_finish(struct kernel *kernel);

#endif
