// SPDX-License-Identifier: MIT
#include "guest/extra.h"

#include "diag.h"
#include "fetch/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 16 /* a link may lead back to where it lies */

static int add(struct tree *tree, const char *guest, const char *host, int depth);

static int add_folder(struct tree *tree, const char *guest, const char *host, int depth)
{
	struct dirent **names = NULL;
	int n = scandir(host, &names, NULL, alphasort), err = n < 0 ? -errno : 0;

	if (!err)
		err = depth > DEPTH_MAX ? -ELOOP : tree_add_folder(tree, guest);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		_cleanup_free_ char *below_host = text_printf("%s/%s", host, name);
		_cleanup_free_ char *below_guest = text_printf("%s/%s", guest, name);

		if (!err && strcmp(name, ".") && strcmp(name, ".."))
			err = below_host && below_guest
				      ? add(tree, below_guest, below_host, depth + 1)
				      : -ENOMEM;
		free(names[i]);
	}
	free(names);
	return err;
}

static int add(struct tree *tree, const char *guest, const char *host, int depth)
{
	struct stat st;

	if (stat(host, &st))
		return depth && errno == ENOENT ? 0 : -errno; /* a link that leads nowhere */
	if (S_ISDIR(st.st_mode))
		return add_folder(tree, guest, host, depth);
	return S_ISREG(st.st_mode) ? tree_add_host_file(tree, guest, host) : 0;
}

int extra_add(struct tree *tree, const char *host_path, struct diag *d)
{
	_cleanup_free_ char *real = realpath(host_path, NULL);
	_cleanup_free_ char *guest = NULL;
	int err;

	if (!real)
		return diag_set(d, GEMRACE_USAGE, errno, "--add '%s': %s", host_path,
				strerror(errno));
	guest = text_printf("%s%s", EXTRA_PATH, strrchr(real, '/'));
	if (!guest)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	if (tree_find(tree, guest))
		return diag_set(d, GEMRACE_USAGE, EEXIST, "--add '%s': there is a %s already",
				host_path, guest);
	err = add(tree, guest, real, 0);
	return err ? diag_set(d, GEMRACE_USAGE, -err, "--add '%s': %s", host_path, strerror(-err))
		   : 0;
}
