// SPDX-License-Identifier: MIT
#include "kbuild/shadow.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int file_error(const char *path, int err, struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
}

int shadow_clear(const char *output, struct diag *d)
{
	_cleanup_free_ char *list_path = text_printf("%s.shadow", output), *list = NULL;
	char *rest = NULL;
	int err;

	if (!list_path)
		return no_memory(d);
	err = file_read(list_path, &list, NULL);
	if (err)
		return err == -ENOENT ? 0 : file_error(list_path, err, d);
	for (char *file = strtok_r(list, "\n", &rest); file; file = strtok_r(NULL, "\n", &rest)) {
		_cleanup_free_ char *path = text_printf("%s/%s", output, file);

		if (!path)
			return no_memory(d);
		if (unlink(path) && errno != ENOENT)
			return file_error(path, -errno, d);
	}
	return unlink(list_path) ? file_error(list_path, -errno, d) : 0;
}

static int write_list(const char *output, char *const *files, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s.shadow", output), *list = NULL;
	size_t size;
	FILE *f = open_memstream(&list, &size);
	int err;

	if (!f)
		return no_memory(d);
	for (; *files; files++)
		fprintf(f, "%s\n", *files);
	if (fclose(f) || !path)
		return no_memory(d);
	err = file_write_atomically(path, list, size);
	return err ? file_error(path, err, d) : 0;
}

static int put(const char *output, const char *changed, const char *file, struct diag *d)
{
	_cleanup_free_ char *from = text_printf("%s/%s", changed, file);
	_cleanup_free_ char *to = text_printf("%s/%s", output, file);

	return from && to ? file_copy(from, to, NULL, d) : no_memory(d);
}

int shadow_set(const char *output, const char *changed, char *const *files, struct diag *d)
{
	int err;

	err = shadow_clear(output, d);
	if (!err)
		err = write_list(output, files, d);
	for (; !err && *files; files++)
		err = put(output, changed, *files, d);
	return err;
}
