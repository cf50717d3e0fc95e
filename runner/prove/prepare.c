// SPDX-License-Identifier: MIT
#include "prove/prepare.h"

#include "build/module.h"
#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"
#include "prove/patch.h"

#include <errno.h>
#include <string.h>

static int is_same(const char *a, const char *b, struct diag *d)
{
	_cleanup_free_ char *data_a = NULL, *data_b = NULL;
	size_t size_a, size_b;
	int err;

	err = file_read(a, &data_a, &size_a);
	if (!err)
		err = file_read(b, &data_b, &size_b);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", a, strerror(-err));
	return size_a == size_b && !memcmp(data_a, data_b, size_a);
}

/* Applies the patch in @scratch and builds the result. */
static int build_in(struct module_tree *tree, const struct mutant *m, const char *scratch,
		    char **ret_path, struct diag *d)
{
	struct diag why = { .status = GEMRACE_HARNESS };
	int err;

	err = patch_apply(m, tree->source, scratch, d);
	if (err)
		return err;
	err = module_build(tree, kernel_module_find(m->module), scratch, m->files, ret_path, &why);
	if (err)
		return diag_set(d, why.status, -err, "%s: %s", m->path, why.text);
	return 0;
}

/* Code that a configuration leaves out can be changed without a trace in the module. */
static int check_differs(struct module_tree *tree, const struct mutant *m, const char *path,
			 struct diag *d)
{
	_cleanup_free_ char *stock = NULL;
	int same;

	same = module_build(tree, kernel_module_find(m->module), NULL, NULL, &stock, d);
	if (!same)
		same = is_same(stock, path, d);
	return same > 0 ? diag_set(d, GEMRACE_USAGE, EINVAL, "%s changes nothing in the module",
				   m->path)
			: same;
}

int mutant_build(struct module_tree *tree, const struct mutant *m, char **ret_overlay,
		 struct diag *d)
{
	_cleanup_free_ char *scratch = text_printf("%s/patched", tree->dir), *path = NULL;
	int err;

	if (!scratch)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	err = patch_check(m, d);
	if (err)
		return err;
	/* Left behind by one that was interrupted. */
	err = file_remove_tree(scratch);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", scratch, strerror(-err));
	err = build_in(tree, m, scratch, &path, d);
	file_remove_tree(scratch);
	if (!err)
		err = check_differs(tree, m, path, d);
	if (err)
		return err;
	*strrchr(path, '/') = '\0';
	*ret_overlay = path;
	path = NULL;
	return 0;
}
