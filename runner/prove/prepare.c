// SPDX-License-Identifier: MIT
#include "prove/prepare.h"

#include "build/module.h"
#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"
#include "prove/patch.h"

#include <errno.h>
#include <string.h>

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

/*
 * Code that a configuration leaves out can be changed without a trace in the module. A kernel is
 * another one at each link (its version holds the date), so there the patched source has to do.
 */
static int check_differs(struct module_tree *tree, const struct mutant *m, const char *path,
			 struct diag *d)
{
	_cleanup_free_ char *stock = NULL;
	int same;

	if (!kernel_module_find(m->module)->target)
		return 0;
	same = module_build(tree, kernel_module_find(m->module), NULL, NULL, &stock, d);
	if (!same)
		same = file_same(stock, path);
	if (stock && same < 0)
		return diag_set(d, GEMRACE_HARNESS, -same, "%s: %s", path, strerror(-same));
	return same > 0 ? diag_set(d, GEMRACE_USAGE, EINVAL, "%s changes nothing in the module",
				   m->path)
			: same;
}

static int build_locked(struct module_tree *tree, const struct mutant *m, char **ret_path,
			struct diag *d)
{
	_cleanup_free_ char *scratch = text_printf("%s/patched", tree->dir);
	_cleanup_close_ int lock = module_tree_lock(tree, d);
	int err;

	if (lock < 0)
		return lock;
	/* Left behind by one that was interrupted. */
	err = scratch ? file_remove_tree(scratch) : -ENOMEM;
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s/patched: %s", tree->dir,
				strerror(-err));
	err = build_in(tree, m, scratch, ret_path, d);
	file_remove_tree(scratch);
	return err ? err : check_differs(tree, m, *ret_path, d);
}

int mutant_build(struct module_tree *tree, const struct mutant *m, struct prepared *ret,
		 struct diag *d)
{
	_cleanup_free_ char *path = NULL;
	int err;

	err = patch_check(m, d);
	if (!err)
		err = build_locked(tree, m, &path, d);
	if (err)
		return err;
	*strrchr(path, '/') = '\0';
	*ret = (struct prepared){ 0 };
	*(kernel_module_find(m->module)->target ? &ret->modules : &ret->kernel) = path;
	path = NULL;
	return 0;
}

void prepared_finish(struct prepared *p)
{
	free(p->modules);
	free(p->kernel);
	*p = (struct prepared){ 0 };
}
