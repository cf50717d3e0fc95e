// SPDX-License-Identifier: MIT
#include "guest/image.h"

#include "diag.h"
#include "exec/igt.h"
#include "fetch/file.h"
#include "guest/closure.h"
#include "guest/device.h"
#include "guest/extra.h"
#include "guest/tree.h"
#include "kernel/modindex.h"
#include "kernel/modules.h"
#include "vm/protocol.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TESTS_PATH  "/usr/libexec/gemrace"
#define UNUSED_DAYS 3 /* an image is some 30 MB, and every build of the tests makes another */

/*
 * What the guest needs before it can speak to the host. These are built into some kernels; a kernel
 * that has them in no form fails at boot, with the guest's own message.
 */
static const char *const base_modules[] = { "virtio_pci", "virtio_console", "9p", "9pnet_virtio" };

/* The shell is for igt_runner, which lists tests through popen(). */
static const struct {
	const char *in_root, *path;
} programs[] = {
	{ "/usr/bin/igt_runner", "/usr/bin/igt_runner" },
	{ "/usr/bin/igt_resume", "/usr/bin/igt_resume" },
	{ "/usr/bin/igt_results", "/usr/bin/igt_results" },
	{ "/usr/bin/dash", "/bin/sh" },
	/* glibc loads it when a thread ends by pthread_exit(); no ELF header names it */
	{ "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1", "/lib/libgcc_s.so.1" },
};

static const struct {
	const char *path, *target;
} links[] = {
	{ "/lib64", "lib" },
	{ "/usr/lib", "../lib" },
	{ "/usr/lib64", "../lib" },
};

static int out_of_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "guest image: out of memory");
}

/* On this machine itself the programs are where its igt_runner is. */
static char *igt_root_file(const char *root, const char *path)
{
	_cleanup_free_ char *runner = NULL;
	const char *name = strrchr(path, '/') + 1;
	struct diag ignored;

	if (*root || strncmp(name, "igt_", 4))
		return text_printf("%s%s", root, path);
	if (igt_find(NULL, &runner, &ignored) || !runner)
		return NULL;
	return text_printf("%.*s%s", (int)(strrchr(runner, '/') + 1 - runner), runner, name);
}

static int add_programs(struct tree *tree, const struct guest_image_request *req, struct diag *d)
{
	int err;

	err = tree_add_host_file(tree, "/init", req->init);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "guest image: %s: %s", req->init,
				strerror(-err));
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		_cleanup_free_ char *host = igt_root_file(req->igt_root, programs[i].in_root);

		err = host ? tree_add_host_file(tree, programs[i].path, host) : -ENOMEM;
		if (err)
			return diag_set(d, GEMRACE_HARNESS, -err, "guest image: %s: %s", host,
					strerror(-err));
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (tree_add_link(tree, links[i].path, links[i].target))
			return out_of_memory(d);
	}
	return 0;
}

/* Adds every executable of a folder, and its test-list.txt. */
static int add_tests(struct tree *tree, const char *folder, const char *guest_folder,
		     struct diag *d)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort), err = 0;

	if (n < 0)
		return diag_set(d, GEMRACE_USAGE, errno, "guest image: %s: %s", folder,
				strerror(errno));
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *host = text_printf("%s/%s", folder, names[i]->d_name);
		_cleanup_free_ char *guest = text_printf("%s/%s", guest_folder, names[i]->d_name);
		struct stat st;

		if (!err && (!host || !guest))
			err = -ENOMEM;
		else if (!err && !stat(host, &st) && S_ISREG(st.st_mode) &&
			 (st.st_mode & 0111 || !strcmp(names[i]->d_name, "test-list.txt")))
			err = tree_add_host_file(tree, guest, host);
		free(names[i]);
	}
	free(names);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "guest image: %s: %s", folder,
				strerror(-err));
	return 0;
}

/* Adds the files of the load order from @from on, and the list that init loads them by. */
static int add_modules(struct tree *tree, const struct modules *modules, size_t from,
		       const char *release, const char *list_path, struct diag *d)
{
	_cleanup_free_ char *list = NULL;
	size_t list_size;
	FILE *f = open_memstream(&list, &list_size);
	int err = f ? 0 : -ENOMEM;

	for (size_t i = from; !err && i < modules->order_count; i++) {
		struct module *m = modules->order[i];
		_cleanup_free_ char *path = text_printf("/lib/modules/%s/kernel/%s.ko", release,
							m->name);

		if (!path) {
			err = -ENOMEM;
			break;
		}
		err = tree_add(tree, path, S_IFREG | 0644, m->data, m->size);
		m->data = NULL;
		fprintf(f, "%s\n", path);
	}
	if (f && fclose(f))
		err = -ENOMEM;
	if (!err)
		err = tree_add_text(tree, list_path, list);
	return err ? out_of_memory(d) : 0;
}

/* For the tests, which load and unload modules by name, with libkmod. */
static int add_index(struct tree *tree, const struct modules *modules, const char *release)
{
	_cleanup_free_ char *path = text_printf("/lib/modules/%s/modules.dep.bin", release);
	size_t size;
	char *data;

	if (!path || modindex_make(modules, &data, &size))
		return -ENOMEM;
	return tree_add(tree, path, S_IFREG | 0644, data, size);
}

static int require(struct modules *modules, const char *name, const struct kernel *kernel,
		   bool must_exist, struct diag *d)
{
	enum module_place place = MODULE_MISSING;
	int err = modules_require(modules, name, &place, d);

	if (!err && must_exist && place == MODULE_MISSING)
		err = diag_set(d, GEMRACE_USAGE, ENOENT, "kernel %s has no module %s",
			       kernel->release, name);
	return err;
}

static int add_devices(struct tree *tree, const struct guest_image_request *req, struct diag *d)
{
	const char *release = req->kernel->release;
	_cleanup_free_ char *names = strdup("");
	struct modules modules = { 0 };
	size_t base_count;
	int err;

	err = modules_open(req->kernel, req->module_overlay, &modules, d);
	for (size_t i = 0; !err && i < sizeof(base_modules) / sizeof(*base_modules); i++)
		err = require(&modules, base_modules[i], req->kernel, false, d);
	base_count = modules.order_count;
	if (!err)
		err = add_modules(tree, &modules, 0, release, GUEST_BASE_MODULES, d);

	for (const char *const *name = req->devices; !err && name && *name; name++) {
		const struct guest_device *device = guest_device_find(*name);
		char *longer;

		if (!device) {
			err = diag_set(d, GEMRACE_USAGE, EINVAL, "no such device: %s", *name);
			break;
		}
		err = require(&modules, device->module, req->kernel, true, d);
		longer = text_printf("%s%s %s\n", names, device->name, device->driver);
		free(names);
		names = longer;
		if (!err && !names)
			err = out_of_memory(d);
	}
	if (!err)
		err = add_modules(tree, &modules, base_count, release, GUEST_DEVICE_MODULES, d);
	if (!err && tree_add_text(tree, GUEST_DEVICES, names))
		err = out_of_memory(d);
	if (!err && add_index(tree, &modules, release))
		err = out_of_memory(d);
	modules_finish(&modules);
	return err;
}

static int build(struct tree *tree, const struct guest_image_request *req, struct diag *d)
{
	int err;

	err = add_programs(tree, req, d);
	if (!err && req->tests_dir)
		err = add_tests(tree, req->tests_dir, TESTS_PATH, d);
	if (!err && req->selftest_dir && !access(req->selftest_dir, F_OK))
		err = add_tests(tree, req->selftest_dir, TESTS_PATH "/selftest", d);
	if (!err && req->bench_dir && !access(req->bench_dir, F_OK))
		err = add_tests(tree, req->bench_dir, TESTS_PATH "/bench", d);
	for (const char *const *extra = req->extra; !err && extra && *extra; extra++)
		err = extra_add(tree, *extra, d);
	if (!err)
		err = add_devices(tree, req, d);
	if (!err)
		err = closure_add(tree, req->igt_root, d);
	return err;
}

int guest_image_build(const struct guest_image_request *req, char **ret_path, struct diag *d)
{
	_cleanup_free_ char *folder = text_printf("%s/image", req->cache);
	_cleanup_free_ char *path = NULL;
	struct tree tree = { 0 };
	int err;

	err = build(&tree, req, d);
	if (!err) {
		path = text_printf("%s/%016llx.cpio", folder, tree_hash(&tree));
		err = !folder || !path ? -ENOMEM : file_make_folder(folder);
		if (!err && access(path, R_OK)) {
			file_prune(folder, UNUSED_DAYS);
			err = tree_write_cpio(&tree, path);
		} else if (!err) {
			file_touch(path);
		}
		if (err)
			diag_set(d, GEMRACE_HARNESS, -err, "guest image in %s: %s", folder,
				 strerror(-err));
	}
	tree_finish(&tree);
	if (err)
		return err;
	*ret_path = path;
	path = NULL;
	return 0;
}
