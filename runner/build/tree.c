// SPDX-License-Identifier: MIT
#include "build/tree.h"

#include "build/module.h"
#include "build/packages.h"
#include "build/source.h"
#include "diag.h"
#include "fetch/file.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * A finished tree has a file "ready" with this line, so that a change in how trees are made makes
 * old ones stale, and the folder of the tools.
 */
#define TREE_RECIPE "gemrace module tree 1\n"

/*
 * The symbols below are off in what we build. QR code: Debian's kernel has it from Rust source, and
 * a Rust compiler is a lot to fetch for a panic screen.
 */
static const char off_header[] = "#undef CONFIG_DRM_PANIC_SCREEN_QR_CODE\n";

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int file_error(const char *path, int err, struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
}

/* The number behind "NAME =" at the start of a line; -EINVAL without one. */
static int makefile_number(const char *makefile, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = makefile; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (!strncmp(s, name, n) && s[n] == ' ' && s[n + 1] == '=')
			return isdigit((unsigned char)s[n + 3]) ? atoi(s + n + 3) : -EINVAL;
	}
	return -EINVAL;
}

int tree_makefile_version(const char *makefile, char *version, int size)
{
	int major = makefile_number(makefile, "VERSION");
	int minor = makefile_number(makefile, "PATCHLEVEL");
	int sub = makefile_number(makefile, "SUBLEVEL");

	if (major < 0 || minor < 0 || sub < 0)
		return -EINVAL;
	return snprintf(version, size, "%d.%d.%d", major, minor, sub) < size ? 0 : -EINVAL;
}

int tree_check_version(const char *source, const char *release, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s/Makefile", source), *text = NULL;
	char version[64];
	int err;

	err = path ? file_read(path, &text, NULL) : -ENOMEM;
	if (!err)
		err = tree_makefile_version(text, version, sizeof(version));
	if (err)
		return file_error(path ? path : "Makefile", err, d);
	if (text_starts(release, version) && !isdigit((unsigned char)release[strlen(version)]))
		return 0;
	return diag_set(d, GEMRACE_USAGE, ESTALE,
			"the source is %s, the kernel is %s: no mutant can be built for it (%s)",
			version, release, source);
}

static int unpack_source(const struct module_tree *t, const char *package, struct diag *d)
{
	static const char *const folders[] = { "drivers/gpu/drm/", "drivers/accel/", "Makefile",
					       NULL };
	_cleanup_free_ char *pattern = text_printf("%s/usr/src/linux-source-*.tar.xz", package);
	_cleanup_free_ char *work = text_printf("%s%s", t->root, TREE_BUILD);
	glob_t found;
	int err;

	if (!pattern || !work)
		return no_memory(d);
	if (glob(pattern, 0, NULL, &found))
		return diag_set(d, GEMRACE_HARNESS, ENOENT, "no kernel source in %s", package);
	notify(&t->notifier, "unpacking the kernel's source");
	err = source_unpack(found.gl_pathv[0], folders, t->source, work, d);
	globfree(&found);
	return err;
}

static int write_file(const char *folder, const char *name, const char *text, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s%s", folder, name);
	int err = path ? file_write_atomically(path, text, strlen(text)) : -ENOMEM;

	return err ? file_error(path ? path : name, err, d) : 0;
}

static int make_tree(struct module_tree *t, const struct module_tree_request *req, struct diag *d)
{
	_cleanup_free_ char *trace = text_printf("%s%s/include/trace", t->root, TREE_BUILD);
	_cleanup_free_ char *ready = NULL;
	struct build_packages packages;
	int err;

	err = trace ? file_make_folder(trace) : -ENOMEM;
	if (err)
		return file_error(t->dir, err, d);
	err = build_packages_fetch(req, &packages, d);
	if (err)
		return err;
	t->tools = packages.tools;
	packages.tools = NULL;
	ready = text_printf(TREE_RECIPE "%s", t->tools);
	err = ready ? unpack_source(t, packages.source, d) : no_memory(d);
	build_packages_finish(&packages);
	if (!err)
		err = tree_check_version(t->source, t->release, d);
	if (!err)
		err = write_file(t->root, TREE_BUILD "/off.h", off_header, d);
	if (!err)
		err = write_file(t->dir, "/ready", ready, d);
	return err;
}

int tree_prepare(struct module_tree *t, const struct module_tree_request *req, struct diag *d)
{
	_cleanup_free_ char *ready = text_printf("%s/ready", t->dir), *text = NULL;
	int err;

	if (!ready)
		return no_memory(d);
	if (!file_read(ready, &text, NULL) && text_starts(text, TREE_RECIPE) &&
	    !access(text + strlen(TREE_RECIPE), R_OK)) {
		t->tools = strdup(text + strlen(TREE_RECIPE));
		return t->tools ? 0 : no_memory(d);
	}
	err = file_remove_tree(t->dir);
	if (err)
		return file_error(t->dir, err, d);
	return make_tree(t, req, d);
}

/* Copies @file so that make sees it as new. */
static int place(const struct module_tree *t, const char *from, const char *file, struct diag *d)
{
	_cleanup_free_ char *source = text_printf("%s/%s", from, file);
	_cleanup_free_ char *dest = text_printf("%s%s/%s", t->root, TREE_BUILD, file);

	return source && dest ? file_copy(source, dest, NULL, d) : no_memory(d);
}

static bool is_listed(char *const *files, const char *file)
{
	for (; files && *files; files++) {
		if (!strcmp(*files, file))
			return true;
	}
	return false;
}

/* Puts the source's own files back, but for those about to be replaced anyway. */
static int restore(const struct module_tree *t, const char *list_path, char *const *files,
		   struct diag *d)
{
	_cleanup_free_ char *list = NULL;
	char *rest = NULL;
	int err;

	err = file_read(list_path, &list, NULL);
	if (err)
		return err == -ENOENT ? 0 : file_error(list_path, err, d);
	for (char *file = strtok_r(list, "\n", &rest); file && !err;
	     file = strtok_r(NULL, "\n", &rest)) {
		if (!is_listed(files, file))
			err = place(t, t->source, file, d);
	}
	return err;
}

static char *join_lines(char *const *files)
{
	char *text = strdup("");

	for (; text && files && *files; files++) {
		char *longer = text_printf("%s%s\n", text, *files);

		free(text);
		text = longer;
	}
	return text;
}

int tree_change(const struct module_tree *t, const char *changed, char *const *files,
		struct diag *d)
{
	_cleanup_free_ char *list_path = text_printf("%s/changed", t->dir);
	_cleanup_free_ char *list = join_lines(changed ? files : NULL);
	int err;

	if (!list_path || !list)
		return no_memory(d);
	err = restore(t, list_path, changed ? files : NULL, d);
	if (err)
		return err;
	err = file_write_atomically(list_path, list, strlen(list));
	if (err)
		return file_error(list_path, err, d);
	for (; changed && *files && !err; files++)
		err = place(t, changed, *files, d);
	return err;
}
