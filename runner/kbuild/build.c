// SPDX-License-Identifier: MIT
#include "kbuild/build.h"

#include "diag.h"
#include "exec/cancel.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/archive.h"
#include "kbuild/configure.h"
#include "kbuild/debian_source.h"
#include "kbuild/flavour.h"
#include "kbuild/lock.h"
#include "kbuild/result.h"
#include "kbuild/shadow.h"
#include "kbuild/toolchain.h"
#include "kbuild/tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Free space a first build asks for. One that still runs out of it goes on later. */
#define OUTPUT_MIB 1500

/* Part of a result's name: count up when the way a kernel is built changes. */
#define RECIPE 1

/* One build: what goes in, and where it is made. */
struct job {
	const struct kernel_build_request *req;
	const struct flavour *flavour;
	struct fragment fragment;
	struct source_tree tree;
	char *cache; /* absolute: make runs elsewhere */
	char *toolchain;
	char *fetched;             /* archive, or NULL: req->source is here */
	char *output, *log, *lock; /* the build's own folder, kept */
	char *result;
	int cancel_fd;
};

static void job_finish(struct job *j)
{
	fragment_finish(&j->fragment);
	source_tree_finish(&j->tree);
	free(j->cache);
	free(j->toolchain);
	free(j->fetched);
	free(j->output);
	free(j->log);
	free(j->lock);
	free(j->result);
}

static void note(const struct job *j, const char *what, const char *path)
{
	_cleanup_free_ char *line = text_printf("%s %s", what, path);

	if (line)
		notify(&j->req->notifier, line);
}

static int open_source(struct job *j, struct diag *d)
{
	const struct kernel_build_request *req = j->req;
	const char *source = j->fetched ? j->fetched : req->source;
	_cleanup_free_ char *unpacked = NULL;
	struct stat st;
	int err;

	if (stat(source, &st))
		return diag_set(d, GEMRACE_USAGE, errno, "source '%s': %s", source,
				strerror(errno));
	if (S_ISDIR(st.st_mode))
		return source_tree_open(source, &j->tree, d);
	err = source_archive_unpack(source, j->cache, j->cancel_fd, &req->notifier, &unpacked, d);
	return err ? err : source_tree_open(unpacked, &j->tree, d);
}

static int hash_fragment(const struct fragment *fragment, unsigned long long *hash)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return -ENOMEM;
	fragment_write(fragment, f);
	if (fclose(f))
		return -ENOMEM;
	*hash = hash_bytes(*hash, text, size);
	return 0;
}

/*
 * A result is named by all that decides its content; the build's folder by the tree's place only,
 * so that make finds the objects of the tree's earlier state there.
 */
static int name_folders(struct job *j, struct diag *d)
{
	const char *path = j->tree.path;
	unsigned long long place = hash_bytes(HASH_START, path, strlen(path));
	unsigned long long key = HASH_START + RECIPE;

	key = hash_bytes(key, &j->tree.identity, sizeof(j->tree.identity));
	key = hash_bytes(key, j->toolchain, strlen(j->toolchain));
	if (!hash_fragment(&j->fragment, &key)) {
		j->output = text_printf("%s/kbuild/%s-%016llx", j->cache, j->flavour->name, place);
		j->result = text_printf("%s/kernels/%d.%d-%s-%016llx", j->cache,
					j->tree.version.major, j->tree.version.minor,
					j->flavour->name, key);
	}
	if (j->output) {
		j->log = text_printf("%s.log", j->output);
		j->lock = text_printf("%s.lock", j->output);
	}
	if (j->output && j->result && j->log && j->lock)
		return 0;
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int find_cache(struct job *j, struct diag *d)
{
	const char *path = j->req->cache;

	j->cache = realpath(path, NULL);
	if (!j->cache)
		return diag_set(d, GEMRACE_HARNESS, errno, "cache folder %s: %s", path,
				strerror(errno));
	if (strpbrk(j->cache, " :"))
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"cache folder '%s': kbuild takes no space or colon in a path",
				j->cache);
	return 0;
}

/* What fails before anything takes long, and the one step that is not ours to interrupt. */
static int prepare(struct job *j, struct diag *d)
{
	const struct kernel_build_request *req = j->req;
	int err;

	err = flavour_find(req->flavour, &j->flavour, d);
	if (!err)
		err = find_cache(j, d);
	if (!err)
		err = toolchain_check(&j->toolchain, d);
	if (!err && text_starts(req->source, DEBIAN_SOURCE_PREFIX))
		err = debian_source(req->source + strlen(DEBIAN_SOURCE_PREFIX), j->cache,
				    &req->notifier, &j->fetched, d);
	return err;
}

static int find(struct job *j, struct diag *d)
{
	const struct kernel_build_request *req = j->req;
	int err;

	err = open_source(j, d);
	if (!err)
		err = flavour_load(j->flavour, req->fragments, req->configs, j->tree.version,
				   &j->fragment, d);
	return err ? err : name_folders(j, d);
}

static bool is_built(const struct job *j)
{
	return !access(j->result, F_OK);
}

/* What make compiled must be what the result is named after. */
static int check_unchanged(const struct job *j, struct diag *d)
{
	struct source_tree now;
	int err = source_tree_open(j->tree.path, &now, d);

	if (err)
		return err;
	if (now.identity != j->tree.identity)
		err = diag_set(d, GEMRACE_HARNESS, ESTALE,
			       "source '%s' changed while it was built: run this again",
			       j->req->source);
	source_tree_finish(&now);
	return err;
}

static int build(const struct job *j, struct diag *d)
{
	const char *targets[] = { "bzImage", "modules", NULL };
	struct kbuild k = {
		.source = j->tree.path,
		.output = j->output,
		.log = j->log,
		.jobs = j->req->jobs ? j->req->jobs : (int)sysconf(_SC_NPROCESSORS_ONLN),
		.cancel_fd = j->cancel_fd,
		.notifier = j->req->notifier,
	};
	int err;

	unlink(j->log);
	note(j, "building in", j->output);
	err = shadow_clear(j->output, d);
	if (!err)
		err = kbuild_configure(&k, &j->fragment, d);
	if (!err)
		err = kbuild_make(&k, "bzImage modules", targets, d);
	if (!err)
		err = check_unchanged(j, d);
	return err ? err : kbuild_install(&k, j->result, d);
}

static int build_locked(struct job *j, struct diag *d)
{
	_cleanup_free_ char *kernels = text_printf("%s/kernels", j->cache);
	_cleanup_close_ int lock = -1;
	bool fresh = access(j->output, F_OK);
	int err;

	if (!kernels)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	if (fresh && space_check(j->cache, OUTPUT_MIB, "a kernel build", d))
		return -ENOSPC;
	err = file_make_folder(kernels);
	if (!err)
		err = file_make_folder(j->output);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", j->output, strerror(-err));
	lock = kbuild_lock(j->lock, j->cancel_fd, &j->req->notifier, d);
	if (lock < 0)
		return lock;
	return is_built(j) ? 0 : build(j, d); /* by the one we waited for */
}

static int find_or_build(struct job *j, struct diag *d)
{
	struct cancel cancel;
	int err;

	err = cancel_open(&cancel);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "signalfd: %s", strerror(-err));
	j->cancel_fd = cancel.fd;
	err = find(j, d);
	if (!err && is_built(j))
		note(j, "built before:", j->result);
	else if (!err)
		err = build_locked(j, d);
	cancel_close(&cancel);
	return err;
}

int kernel_build(const struct kernel_build_request *req, char **ret_folder, struct diag *d)
{
	struct job j = { .req = req };
	int err;

	err = prepare(&j, d);
	if (!err)
		err = find_or_build(&j, d);
	if (!err) {
		*ret_folder = j.result;
		j.result = NULL;
	}
	job_finish(&j);
	return err;
}
