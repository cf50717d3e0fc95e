// SPDX-License-Identifier: MIT
#include "kbuild/tree.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool has(const char *tree, const char *name)
{
	_cleanup_free_ char *path = text_printf("%s/%s", tree, name);

	return path && !access(path, F_OK);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static unsigned long long hash_entry(unsigned long long hash, const char *name,
				     const struct stat *st)
{
	const long long facts[] = { st->st_mode, S_ISDIR(st->st_mode) ? 0 : st->st_size,
				    S_ISDIR(st->st_mode) ? 0 : st->st_mtim.tv_sec,
				    S_ISDIR(st->st_mode) ? 0 : st->st_mtim.tv_nsec };

	hash = hash_bytes(hash, name, strlen(name) + 1);
	return hash_bytes(hash, facts, sizeof(facts));
}

static int hash_tree(const char *path, unsigned long long *ret)
{
	char *const roots[] = { (char *)path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	unsigned long long hash = HASH_START;
	int err = 0;
	FTSENT *e;

	if (!fts)
		return -errno;
	while (!err && (errno = 0, e = fts_read(fts))) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			err = -e->fts_errno;
		else if (e->fts_level == 1 && !strcmp(e->fts_name, ".git"))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_level > 0 && e->fts_info != FTS_DP)
			hash = hash_entry(hash, e->fts_path + strlen(path), e->fts_statp);
	}
	if (!err && errno)
		err = -errno;
	fts_close(fts);
	if (!err)
		*ret = hash;
	return err;
}

static int read_version(const char *tree, struct kernel_version *ret)
{
	_cleanup_free_ char *path = text_printf("%s/Makefile", tree);
	_cleanup_free_ char *text = NULL;

	if (!path)
		return -ENOMEM;
	if (file_read(path, &text, NULL) || !has(tree, "Kconfig") || !has(tree, "arch/x86"))
		return -ENOENT;
	return kernel_version_from_makefile(text, ret);
}

static int open_tree(const char *path, struct source_tree *tree, struct diag *d)
{
	int err;

	tree->path = realpath(path, NULL);
	if (!tree->path)
		return diag_set(d, GEMRACE_USAGE, errno, "source '%s': %s", path, strerror(errno));
	if (strpbrk(tree->path, " :"))
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"source '%s': kbuild takes no space or colon in a path", path);
	err = read_version(tree->path, &tree->version);
	if (err)
		return diag_set(d, GEMRACE_USAGE, -err,
				"source '%s' is no kernel source: no Makefile of a kernel, Kconfig "
				"and arch/x86 there",
				path);
	/* The Makefile's own test, asked before anything has been spent. */
	if (has(tree->path, ".config") || has(tree->path, "include/config") ||
	    has(tree->path, "arch/x86/include/generated"))
		return diag_set(d, GEMRACE_USAGE, EBUSY,
				"source '%s' has been built in: 'make mrproper' there, or name a "
				"clean checkout (git worktree add)",
				path);
	err = hash_tree(tree->path, &tree->identity);
	if (err)
		return diag_set(d, GEMRACE_USAGE, -err, "source '%s': %s", path, strerror(-err));
	return 0;
}

int source_tree_open(const char *path, struct source_tree *ret, struct diag *d)
{
	struct source_tree tree = { 0 };
	int err = open_tree(path, &tree, d);

	if (err)
		source_tree_finish(&tree);
	else
		*ret = tree;
	return err;
}

void source_tree_finish(struct source_tree *tree)
{
	free(tree->path);
	*tree = (struct source_tree){ 0 };
}
