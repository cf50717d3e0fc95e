// SPDX-License-Identifier: MIT
#include "kbuild/result.h"

#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int out_of_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int copy_file(const char *from_folder, const char *from, const char *to_folder,
		     const char *to, struct diag *d)
{
	_cleanup_free_ char *source = text_printf("%s/%s", from_folder, from);
	_cleanup_free_ char *target = text_printf("%s/%s", to_folder, to);

	return source && target ? file_copy(source, target, NULL, d) : out_of_memory(d);
}

static int fill(const struct kbuild *k, const char *folder, struct diag *d)
{
	static const struct {
		const char *from, *to;
	} files[] = {
		{ "arch/x86/boot/bzImage", "bzImage" },
		{ ".config", "config" },
		{ "System.map", "System.map" },
	};
	_cleanup_free_ char *path = text_printf("INSTALL_MOD_PATH=%s", folder);
	const char *args[] = { path, "modules_install", NULL };
	int err;

	if (!path)
		return out_of_memory(d);
	err = kbuild_make(k, "modules_install", args, d);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !err; i++)
		err = copy_file(k->output, files[i].from, folder, files[i].to, d);
	return err;
}

/* An empty folder to fill in; left over from a build that was cut off, it goes. */
static int start(const char *partial, struct diag *d)
{
	int err = file_remove_tree(partial);

	if (!err)
		err = file_make_folder(partial);
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", partial, strerror(-err)) : 0;
}

static int publish(const char *partial, const char *folder, struct diag *d)
{
	int err = file_publish(partial, folder);

	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", folder, strerror(-err)) : 0;
}

int kbuild_install(const struct kbuild *kbuild, const char *folder, struct diag *d)
{
	_cleanup_free_ char *partial = text_printf("%s.partial", folder);
	int err;

	if (!partial)
		return out_of_memory(d);
	err = start(partial, d);
	if (!err)
		err = fill(kbuild, partial, d);
	if (!err)
		err = publish(partial, folder, d);
	if (err)
		file_remove_tree(partial);
	return err;
}

static int is_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int count = 0;

	if (!dir)
		return errno == ENOENT ? 1 : -errno;
	while ((e = readdir(dir)))
		count += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(dir);
	return !count;
}

int kbuild_target_check(const char *target, struct diag *d)
{
	int empty = is_empty(target);

	if (empty < 0)
		return diag_set(d, GEMRACE_USAGE, -empty, "--output '%s': %s", target,
				strerror(-empty));
	return empty ? 0
		     : diag_set(d, GEMRACE_USAGE, EEXIST, "--output '%s' is there and not empty",
				target);
}

static int copy(const char *folder, const char *partial, int cancel_fd, struct diag *d)
{
	_cleanup_free_ char *content = text_printf("%s/.", folder);
	const char *argv[] = { "cp", "-a", "--", content, partial, NULL };
	int status, err;

	if (!content)
		return out_of_memory(d);
	err = process_run(&(struct process){ .argv = argv, .cancel_fd = cancel_fd }, &status);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "cp: %s",
				err == -EINTR ? "interrupted" : strerror(-err));
	return status ? diag_set(d, GEMRACE_HARNESS, EIO, "cannot copy %s to %s", folder, partial)
		      : 0;
}

int kbuild_copy_result(const char *folder, const char *target, int cancel_fd, struct diag *d)
{
	_cleanup_free_ char *path = strdup(target), *partial = NULL;
	int err;

	/* "DIR/" is DIR: what is put together goes beside it. */
	for (size_t n = path ? strlen(path) : 0; n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
	partial = path ? text_printf("%s.partial", path) : NULL;
	if (!partial)
		return out_of_memory(d);
	err = kbuild_target_check(path, d);
	if (!err)
		err = start(partial, d);
	if (err)
		return err;
	err = copy(folder, partial, cancel_fd, d);
	if (!err)
		err = publish(partial, path, d);
	if (err)
		file_remove_tree(partial);
	return err;
}
