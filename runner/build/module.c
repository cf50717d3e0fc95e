// SPDX-License-Identifier: MIT
#include "build/module.h"

#include "build/root.h"
#include "build/tree.h"
#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The first build compiles all of drm.ko; two minutes on two slow cores, with room. */
#define BUILD_TIMEOUT_S 1200
#define LOCK_TIMEOUT_S  600

static const struct kernel_module modules[] = {
	{ "drm", "drm.ko" },
	{ "drm_shmem_helper", "drm_shmem_helper.ko" },
	{ "virtio-gpu", "virtio/virtio-gpu.ko" },
	{ "vgem", "vgem/vgem.ko" },
};

const struct kernel_module *kernel_module_find(const char *name)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		if (!strcmp(modules[i].name, name))
			return &modules[i];
	}
	return NULL;
}

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

void module_tree_close(struct module_tree *t)
{
	if (t->lock > 0)
		close(t->lock);
	free(t->release);
	free(t->dir);
	free(t->root);
	free(t->tools);
	free(t->source);
	*t = (struct module_tree){ 0 };
}

static int open_locked(const struct module_tree_request *req, struct module_tree *t, struct diag *d)
{
	_cleanup_free_ char *lock = text_printf("%s/modules/%s.lock", req->cache, req->release);
	_cleanup_free_ char *folder = text_printf("%s/modules", req->cache);
	int err;

	if (!lock || !folder || !t->release || !t->dir || !t->root || !t->source)
		return no_memory(d);
	err = file_make_folder(folder);
	if (!err)
		err = file_lock(lock, LOCK_TIMEOUT_S);
	if (err == -ETIMEDOUT)
		return diag_set(d, GEMRACE_HARNESS, ETIMEDOUT,
				"another gemrace has been building modules of %s for %d s",
				req->release, LOCK_TIMEOUT_S);
	if (err < 0)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", lock, strerror(-err));
	t->lock = err;
	return tree_prepare(t, req, d);
}

int module_tree_open(const struct module_tree_request *req, struct module_tree *ret, struct diag *d)
{
	struct module_tree t = {
		.release = strdup(req->release),
		.dir = text_printf("%s/modules/%s", req->cache, req->release),
		.root = text_printf("%s/modules/%s/root", req->cache, req->release),
		.source = text_printf("%s/modules/%s/source", req->cache, req->release),
		.cancel_fd = req->cancel_fd,
		.notifier = req->notifier,
	};
	int err = open_locked(req, &t, d);

	if (err) {
		module_tree_close(&t);
		return err;
	}
	*ret = t;
	return 0;
}

/* Names what is built: the kernel, the module, and every file that differs from its source. */
static int hash_build(const struct kernel_module *module, const char *changed, char *const *files,
		      unsigned long long *ret, struct diag *d)
{
	unsigned long long hash = hash_bytes(HASH_START, module->name, strlen(module->name) + 1);

	for (; changed && *files; files++) {
		_cleanup_free_ char *path = text_printf("%s/%s", changed, *files), *data = NULL;
		size_t size;
		int err = path ? file_read(path, &data, &size) : -ENOMEM;

		if (err)
			return diag_set(d, GEMRACE_HARNESS, -err, "%s/%s: %s", changed, *files,
					strerror(-err));
		hash = hash_bytes(hash, *files, strlen(*files) + 1);
		hash = hash_bytes(hash, data, size);
	}
	*ret = hash;
	return 0;
}

static int run_make(struct module_tree *t, const struct kernel_module *module, struct diag *d)
{
	_cleanup_free_ char *headers = text_printf("/usr/src/linux-headers-%s", t->release);
	_cleanup_free_ char *jobs = text_printf("-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	_cleanup_free_ char *log = text_printf("%s/log", t->dir), *said = NULL;
	const char *const argv[] = {
		"make", jobs, "-C", headers, "M=" TREE_BUILD "/drivers/gpu/drm",
		"AWK=mawk", /* no alternatives in an unpacked root */
		"CONFIG_DEBUG_INFO_BTF_MODULES=", "CONFIG_DRM_PANIC_SCREEN_QR_CODE=",
		/* The trace headers include themselves by a path from include/trace. */
		"KCFLAGS=-g0 -I" TREE_BUILD "/include/trace -include " TREE_BUILD "/off.h",
		module->target, NULL
	};
	const struct tool make = {
		.argv = argv,
		.log = log,
		.timeout_s = BUILD_TIMEOUT_S,
		.cancel_fd = t->cancel_fd,
	};
	int status;

	if (!headers || !jobs || !log)
		return no_memory(d);
	status = root_run(t->root, t->tools, &make, &said);
	if (status == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (status < 0)
		return diag_set(d, GEMRACE_HARNESS, -status, "building %s: %s", module->target,
				strerror(-status));
	if (status)
		return diag_set(d, strstr(said, "No space left") ? GEMRACE_HARNESS : GEMRACE_USAGE,
				EINVAL, "%s does not compile: %s (log: %s)", module->target, said,
				log);
	return 0;
}

/* Moves what make left into the cache, whole or not at all. */
static int keep(const struct module_tree *t, const struct kernel_module *module, const char *path,
		struct diag *d)
{
	_cleanup_free_ char *built = text_printf("%s%s/drivers/gpu/drm/%s", t->root, TREE_BUILD,
						 module->target);
	_cleanup_free_ char *data = NULL, *folder = strdup(path);
	size_t size;
	int err;

	if (!built || !folder)
		return no_memory(d);
	*strrchr(folder, '/') = '\0';
	err = file_read(built, &data, &size);
	if (!err)
		err = file_make_folder(folder);
	if (!err)
		err = file_write_atomically(path, data, size);
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "keeping %s: %s", path, strerror(-err)) : 0;
}

int module_build(struct module_tree *t, const struct kernel_module *module, const char *changed,
		 char *const *files, char **ret_path, struct diag *d)
{
	const char *slash = strrchr(module->target, '/');
	_cleanup_free_ char *path = NULL;
	unsigned long long hash = 0;
	int err;

	err = hash_build(module, changed, files, &hash, d);
	if (err)
		return err;
	path = text_printf("%s/built/%016llx/%s", t->dir, hash, slash ? slash + 1 : module->target);
	if (!path)
		return no_memory(d);
	if (access(path, R_OK)) {
		err = tree_change(t, changed, files, d);
		if (!err)
			err = run_make(t, module, d);
		if (!err)
			err = keep(t, module, path, d);
	}
	if (err)
		return err;
	*ret_path = path;
	path = NULL;
	return 0;
}
