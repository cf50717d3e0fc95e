// SPDX-License-Identifier: MIT
#include "build/module.h"

#include "build/output.h"
#include "build/root.h"
#include "build/tree.h"
#include "diag.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The first build compiles all of drm.ko; two minutes on two slow cores, with room. */
#define BUILD_TIMEOUT_S 1200

/* Free space a build asks for: a first one of drm.ko leaves 150 MB of objects. */
#define BUILD_MIB 300

static const struct kernel_module modules[] = {
	{ "drm", "drm.ko" },
	{ "drm_shmem_helper", "drm_shmem_helper.ko" },
	{ "virtio-gpu", "virtio/virtio-gpu.ko" },
	{ "vgem", "vgem/vgem.ko" },
	{ "vmlinux", NULL },
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
	free(t->release);
	free(t->dir);
	free(t->source);
	free(t->lock);
	free(t->root);
	free(t->tools);
	free(t->output);
	free(t->result);
	*t = (struct module_tree){ 0 };
}

int module_tree_lock(const struct module_tree *t, struct diag *d)
{
	return kbuild_lock(t->lock, t->cancel_fd, &t->notifier, d);
}

static int open_packaged(const struct module_tree_request *req, struct module_tree *t,
			 struct diag *d)
{
	_cleanup_close_ int lock = -1;

	t->dir = text_printf("%s/modules/%s", req->cache, t->release);
	t->root = t->dir ? text_printf("%s/root", t->dir) : NULL;
	t->source = t->dir ? text_printf("%s/source", t->dir) : NULL;
	t->lock = t->dir ? text_printf("%s.lock", t->dir) : NULL;
	if (!t->root || !t->source || !t->lock)
		return no_memory(d);
	lock = module_tree_lock(t, d);
	return lock < 0 ? lock : tree_prepare(t, req, d);
}

static int open_built(const struct module_tree_request *req, struct module_tree *t, struct diag *d)
{
	int err = output_open(req->kernel, t, d);

	if (err)
		return err;
	t->dir = text_printf("%s/modules/%s", req->cache, strrchr(t->result, '/') + 1);
	err = t->dir ? file_make_folder(t->dir) : -ENOMEM;
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", t->dir ? t->dir : req->cache,
			      strerror(-err))
		   : 0;
}

int module_tree_open(const struct module_tree_request *req, struct module_tree *ret, struct diag *d)
{
	_cleanup_free_ char *folder = text_printf("%s/modules", req->cache);
	struct module_tree t = {
		.release = strdup(req->kernel->release),
		.cancel_fd = req->cancel_fd,
		.notifier = req->notifier,
	};
	int err;

	err = folder && t.release ? file_make_folder(folder) : -ENOMEM;
	if (err)
		err = diag_set(d, GEMRACE_HARNESS, -err, "%s/modules: %s", req->cache,
			       strerror(-err));
	else if (output_is_ours(req->kernel))
		err = open_built(req, &t, d);
	else
		err = open_packaged(req, &t, d);
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

static int run_make(const struct module_tree *t, const struct kernel_module *module, struct diag *d)
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

static int packaged_build(const struct module_tree *t, const struct kernel_module *module,
			  const char *changed, char *const *files, char **ret_built, struct diag *d)
{
	int err;

	if (!module->target)
		return diag_set(d, GEMRACE_USAGE, ENOTSUP,
				"%s is packaged: what is built into a kernel can be changed in one "
				"that `gemrace kernel build` made",
				t->release);
	*ret_built = text_printf("%s%s/drivers/gpu/drm/%s", t->root, TREE_BUILD, module->target);
	if (!*ret_built)
		return no_memory(d);
	err = tree_change(t, changed, files, d);
	return err ? err : run_make(t, module, d);
}

static const char *file_name(const struct kernel_module *module)
{
	const char *slash;

	if (!module->target)
		return "bzImage";
	slash = strrchr(module->target, '/');
	return slash ? slash + 1 : module->target;
}

/* Builds into @path, which is not there yet. */
static int build_new(struct module_tree *t, const struct kernel_module *module, const char *changed,
		     char *const *files, const char *path, struct diag *d)
{
	_cleanup_free_ char *built = NULL;
	int err;

	err = space_check(t->dir, BUILD_MIB, "a build of modules", d);
	if (!err)
		err = (t->output ? output_build : packaged_build)(t, module, changed, files, &built,
								  d);
	if (!err)
		err = file_copy(built, path, NULL, d);
	return err;
}

int module_build(struct module_tree *t, const struct kernel_module *module, const char *changed,
		 char *const *files, char **ret_path, struct diag *d)
{
	_cleanup_free_ char *path = NULL;
	unsigned long long hash = 0;
	int err;

	err = hash_build(module, changed, files, &hash, d);
	if (err)
		return err;
	path = text_printf("%s/built/%016llx/%s", t->dir, hash, file_name(module));
	if (!path)
		return no_memory(d);
	if (access(path, R_OK))
		err = build_new(t, module, changed, files, path, d);
	if (!err && !module->target)
		err = output_complete(t, path, d);
	if (err)
		return err;
	*ret_path = path;
	path = NULL;
	return 0;
}
