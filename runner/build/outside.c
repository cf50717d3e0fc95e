// SPDX-License-Identifier: MIT
#include "build/outside.h"

#include "build/module.h"
#include "build/output.h"
#include "build/packages.h"
#include "build/root.h"
#include "diag.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/lock.h"
#include "kbuild/make.h"

#include <errno.h>
#include <string.h>

#define BUILD_TIMEOUT_S 300
#define BUILD_MIB       50

/* Where the source lies in the root of a packaged kernel's compiler. */
#define SOURCE "/outside"

struct outside {
	const struct module_tree_request *req;
	const char *folder, *name;
	struct module_tree tree; /* tree.output: of a kernel built here, else NULL */
	char *dir;               /* of this kernel, in the cache */
	char *work;              /* in it, where the compiler finds the source */
	char *log;
};

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int file_error(const char *path, int err, struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
}

static int does_not_compile(const struct outside *o, const char *said, struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOEXEC, "%s does not compile for %s: %s (log: %s)",
			o->name, o->req->kernel->release, said, o->log);
}

/* The headers are all it needs, so that no source is fetched: seconds, not minutes. */
static int build_packaged(const struct outside *o, struct diag *d)
{
	_cleanup_free_ char *root = text_printf("%s/root", o->dir), *tools = NULL, *said = NULL;
	_cleanup_free_ char *headers = text_printf("/usr/src/linux-headers-%s",
						   o->req->kernel->release);
	const char *const argv[] = { "make",      "-C",       headers,
				     "M=" SOURCE, "AWK=mawk", "CONFIG_DEBUG_INFO_BTF_MODULES=",
				     "modules",   NULL };
	const struct tool make = {
		.argv = argv,
		.log = o->log,
		.timeout_s = BUILD_TIMEOUT_S,
		.cancel_fd = o->req->cancel_fd,
	};
	int status;

	if (!root || !headers)
		return no_memory(d);
	status = build_tools_fetch(o->req, &tools, d);
	if (status)
		return status;
	status = root_run(root, tools, &make, &said);
	if (status == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (status < 0)
		return diag_set(d, GEMRACE_HARNESS, -status, "building %s: %s", o->name,
				strerror(-status));
	return status ? does_not_compile(o, said, d) : 0;
}

static int build_in_output(const struct outside *o, struct diag *d)
{
	_cleanup_free_ char *place = text_printf("M=%s", o->work);
	const char *args[] = { place, "modules", NULL };
	struct diag why = { .status = GEMRACE_HARNESS };
	const struct kbuild k = {
		.source = o->tree.source,
		.output = o->tree.output,
		.log = o->log,
		.jobs = 1,
		.cancel_fd = o->req->cancel_fd,
	};
	_cleanup_close_ int lock = -1;
	int err;

	if (!place)
		return no_memory(d);
	lock = module_tree_lock(&o->tree, d);
	if (lock < 0)
		return lock;
	err = kbuild_make(&k, o->name, args, &why);
	if (err == -EIO)
		return does_not_compile(o, why.text, d);
	return err ? diag_set(d, why.status, -err, "%s", why.text) : 0;
}

static int copy(const struct outside *o, const char *file, unsigned long long *hash, struct diag *d)
{
	_cleanup_free_ char *from = text_printf("%s/%s", o->folder, file);
	_cleanup_free_ char *to = text_printf("%s/%s", o->work, file);

	return from && to ? file_copy(from, to, hash, d) : no_memory(d);
}

/* A fresh folder with the source in it; *@hash is of what was copied. */
static int lay_out(const struct outside *o, unsigned long long *hash, struct diag *d)
{
	_cleanup_free_ char *source = text_printf("%s.c", o->name);
	int err;

	if (!source)
		return no_memory(d);
	err = file_remove_tree(o->work);
	if (!err)
		err = file_make_folder(o->work);
	if (err)
		return file_error(o->work, err, d);
	err = copy(o, "Kbuild", hash, d);
	return err ? err : copy(o, source, hash, d);
}

static int build(const struct outside *o, char **ret_path, struct diag *d)
{
	unsigned long long hash = HASH_START;
	_cleanup_free_ char *built = text_printf("%s/%s.ko", o->work, o->name), *path = NULL;
	int err;

	err = lay_out(o, &hash, d);
	if (err)
		return err;
	path = text_printf("%s/built/%016llx/%s.ko", o->dir, hash, o->name);
	if (!built || !path)
		return no_memory(d);
	if (access(path, R_OK)) {
		err = space_check(o->dir, BUILD_MIB, "a build of a module", d);
		if (!err)
			err = o->tree.output ? build_in_output(o, d) : build_packaged(o, d);
		if (!err)
			err = file_copy(built, path, NULL, d);
	}
	if (err)
		return err;
	*ret_path = path;
	path = NULL;
	return 0;
}

/*
 * Finds the folder that the kernel was built in, if it was built here. In the cache it is called by
 * its result's folder, which is named by its content; a packaged one by its release.
 */
static int open_kernel(struct outside *o, struct diag *d)
{
	const struct module_tree_request *req = o->req;
	const char *name;
	int err = 0;

	o->tree = (struct module_tree){
		.release = strdup(req->kernel->release),
		.cancel_fd = req->cancel_fd,
		.notifier = req->notifier,
	};
	if (!o->tree.release)
		return no_memory(d);
	if (output_is_ours(req->kernel))
		err = output_open(req->kernel, &o->tree, d);
	if (err)
		return err;
	name = o->tree.result ? strrchr(o->tree.result, '/') + 1 : o->tree.release;
	o->dir = text_printf("%s/modules/outside-%s", req->cache, name);
	o->work = o->dir ? text_printf("%s/root" SOURCE, o->dir) : NULL;
	o->log = o->dir ? text_printf("%s/log", o->dir) : NULL;
	if (!o->work || !o->log)
		return no_memory(d);
	err = file_make_folder(o->dir);
	return err ? file_error(o->dir, err, d) : 0;
}

static int build_locked(const struct outside *o, char **ret_path, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s.lock", o->dir);
	_cleanup_close_ int lock = -1;

	if (!path)
		return no_memory(d);
	lock = kbuild_lock(path, o->req->cancel_fd, &o->req->notifier, d);
	return lock < 0 ? lock : build(o, ret_path, d);
}

int outside_module_build(const struct module_tree_request *req, const char *folder,
			 const char *name, char **ret_path, struct diag *d)
{
	struct outside o = { .req = req, .folder = folder, .name = name };
	int err;

	err = open_kernel(&o, d);
	if (!err)
		err = build_locked(&o, ret_path, d);
	module_tree_close(&o.tree);
	free(o.dir);
	free(o.work);
	free(o.log);
	return err;
}
