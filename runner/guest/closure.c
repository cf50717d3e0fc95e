// SPDX-License-Identifier: MIT
#include "guest/closure.h"

#include "diag.h"
#include "fetch/file.h"
#include "guest/elf.h"

#include <elf.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const library_folders[] = {
	"/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib",
	"/lib",
};

static bool is_library(const char *path)
{
	_cleanup_free_ char *data = NULL;
	struct elf elf;
	size_t size;

	/* A linker script or a 32-bit library of the same name is not what the loader takes. */
	return !file_read(path, &data, &size) && !elf_open(data, size, &elf);
}

static char *look_in(const char *root, const char *folder, const char *name)
{
	char *path = text_printf("%s%s/%s", root, folder, name);

	if (path && is_library(path))
		return path;
	free(path);
	return NULL;
}

static char *look_in_usual(const char *root, const char *name)
{
	char *path = NULL;

	for (size_t i = 0; !path && i < sizeof(library_folders) / sizeof(*library_folders); i++)
		path = look_in(root, library_folders[i], name);
	return path;
}

/*
 * DT_RUNPATH and DT_RPATH, without $ORIGIN: relative to a file of the image it means nothing on the
 * host. Test binaries carry absolute build paths at most.
 */
static char *look_in_runpath(const struct elf *elf, const char *name)
{
	static const long tags[] = { DT_RUNPATH, DT_RPATH };
	char *path = NULL;

	for (size_t i = 0; !path && i < sizeof(tags) / sizeof(*tags); i++) {
		size_t iter = 0;
		const char *value = elf_dynamic_string(elf, tags[i], &iter);
		_cleanup_free_ char *copy = value ? strdup(value) : NULL;
		char *folder, *next = copy;

		while (!path && (folder = strsep(&next, ":"))) {
			if (*folder == '/')
				path = look_in("", folder, name);
		}
	}
	return path;
}

static int add_library(struct tree *tree, const struct elf *user, const char *user_path,
		       const char *name, const char *root, struct diag *d)
{
	_cleanup_free_ char *guest_path = text_printf("/lib/%s", name);
	_cleanup_free_ char *host_path = NULL;
	int err;

	if (!guest_path)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	if (tree_find(tree, guest_path))
		return 0;
	host_path = root ? look_in_usual(root, name) : NULL;
	if (!host_path)
		host_path = look_in_runpath(user, name);
	if (!host_path)
		host_path = look_in_usual("", name);
	if (!host_path)
		return diag_set(d, GEMRACE_HARNESS, ENOENT, "%s needs %s, found nowhere", user_path,
				name);
	err = tree_add_host_file(tree, guest_path, host_path);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", host_path, strerror(-err));
	return 0;
}

int closure_add(struct tree *tree, const char *root, struct diag *d)
{
	int err = 0;

	/* What is added goes to the end, so one pass sees everything. */
	for (size_t i = 0; !err && i < tree->count; i++) {
		/* A copy: adding moves the entries. The strings stay where they are. */
		const struct tree_entry e = tree->entries[i];
		const char *name;
		size_t iter = 0;
		struct elf elf;

		if (!S_ISREG(e.mode) || elf_open(e.data, e.size, &elf))
			continue;
		while (!err && (name = elf_dynamic_string(&elf, DT_NEEDED, &iter)))
			err = add_library(tree, &elf, e.path, name, root, d);
		name = elf_interpreter(&elf);
		if (!err && name) {
			const char *base = strrchr(name, '/');

			err = add_library(tree, &elf, e.path, base ? base + 1 : name, root, d);
		}
	}
	return err;
}
