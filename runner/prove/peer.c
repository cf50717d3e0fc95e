// SPDX-License-Identifier: MIT
#include "prove/peer.h"

#include "diag.h"
#include "fetch/file.h"
#include "fetch/packages.h"
#include "guest/image.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LIBEXEC "usr/libexec/igt-gpu-tools"

/* Where IGT deals with what the mutants break; @preload: written for i915. */
static const struct {
	const char *name;
	bool preload;
} binaries[] = {
	{ "gem_flink_race", true },    { "prime_self_import", true }, { "vgem_basic", false },
	{ "dmabuf_sync_file", false }, { "sw_sync", false },          { "syncobj_basic", false },
	{ "syncobj_eventfd", false },  { "syncobj_timeline", false }, { "syncobj_wait", false },
};
#define BINARY_COUNT (sizeof(binaries) / sizeof(*binaries))

/* On the host, to be listed, a binary runs with its own libc; in the guest that is the only one. */
static const char script[] = "#!/bin/sh\n"
			     "here=${0%%/*}\n"
			     "ld=%s/lib64/ld-linux-x86-64.so.2\n"
			     "[ -x $ld ] && exec $ld --library-path %s/lib/x86_64-linux-gnu "
			     "$here/%s.igt \"$@\"\n"
			     "%sexec $here/%s.igt \"$@\"\n";

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int fetch(const char *cache, const struct notifier *notifier, char **ret, struct diag *d)
{
	static const char *const names[] = { "igt-gpu-tools-tests", NULL };
	static const char *const prefixes[] = { LIBEXEC "/", NULL };
	const struct packages_request req = { .names = names, .prefixes = prefixes };
	_cleanup_close_ int lock = packages_lock(cache, notifier, d);
	struct apt apt = { 0 };
	int err;

	if (lock < 0)
		return lock;
	/* as igt_runner itself: in no stable release yet */
	err = apt_open(cache, APT_UNSTABLE, notifier, &apt, d);
	if (err)
		return err;
	err = packages_fetch(&apt, cache, &req, ret, d);
	apt_close(&apt);
	return err;
}

static int put(const char *folder, const char *name, const char *text, size_t size, mode_t mode,
	       struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s/%s", folder, name);
	int err = path ? file_write_atomically(path, text, size) : -ENOMEM;

	if (!err && chmod(path, mode))
		err = -errno;
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s/%s: %s", folder, name, strerror(-err))
		   : 0;
}

static int copy(const char *from, const char *folder, const char *name, struct diag *d)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int err = file_read(from, &data, &size);

	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", from, strerror(-err));
	return put(folder, name, data, size, 0755, d);
}

static int put_binary(const char *folder, const char *package, const char *root, size_t i,
		      struct diag *d)
{
	const char *name = binaries[i].name;
	_cleanup_free_ char *from = text_printf("%s/" LIBEXEC "/%s", package, name);
	_cleanup_free_ char *igt = text_printf("%s.igt", name);
	_cleanup_free_ char *text = text_printf(
		script, root, root, name, binaries[i].preload ? "LD_PRELOAD=$here/preload.so " : "",
		name);
	int err;

	if (!from || !igt || !text)
		return no_memory(d);
	err = copy(from, folder, igt, d);
	return err ? err : put(folder, name, text, strlen(text), 0755, d);
}

static int put_list(const char *folder, struct diag *d)
{
	_cleanup_free_ char *text = strdup("TESTLIST\n");

	for (size_t i = 0; text && i < BINARY_COUNT; i++) {
		char *longer = text_printf("%s%s%s", text, binaries[i].name,
					   i + 1 < BINARY_COUNT ? " " : "\nEND TESTLIST\n");

		free(text);
		text = longer;
	}
	return text ? put(folder, "test-list.txt", text, strlen(text), 0644, d) : no_memory(d);
}

int peer_prepare(const char *cache, const char *preload, const struct notifier *notifier,
		 char **ret, struct diag *d)
{
	_cleanup_free_ char *folder = text_printf("%s/igt-baseline", cache);
	_cleanup_free_ char *package = NULL, *root = NULL;
	int err;

	if (!folder)
		return no_memory(d);
	err = igt_root_resolve(cache, notifier, &root, d);
	if (!err)
		err = fetch(cache, notifier, &package, d);
	if (err)
		return err;
	err = file_make_folder(folder);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", folder, strerror(-err));
	for (size_t i = 0; i < BINARY_COUNT && !err; i++)
		err = put_binary(folder, package, root, i, d);
	if (!err)
		err = copy(preload, folder, "preload.so", d);
	if (!err)
		err = put_list(folder, d);
	if (err)
		return err;
	*ret = folder;
	folder = NULL;
	return 0;
}

char *const *peer_tests(char *const *devices)
{
	static char *const without_syncobj[] = {
		(char *)"gem_flink_race@*",   (char *)"prime_self_import@*", (char *)"vgem_basic@*",
		(char *)"dmabuf_sync_file@*", (char *)"sw_sync@*",           NULL,
	};

	for (; *devices; devices++) {
		if (!strcmp(*devices, "virtio-gpu"))
			return NULL;
	}
	return without_syncobj;
}
