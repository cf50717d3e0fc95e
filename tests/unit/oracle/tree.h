/* SPDX-License-Identifier: MIT */
/* A made-up /proc and /sys under a temporary folder. */
#ifndef TEST_ORACLE_TREE_H
#define TEST_ORACLE_TREE_H

#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct tree {
	char root[64];
};

static inline void tree_path(const struct tree *tree, const char *path, char full[PATH_MAX])
{
	snprintf(full, PATH_MAX, "%s/%s", tree->root, path);
	for (char *slash = full + strlen(tree->root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
}

static inline void tree_file(const struct tree *tree, const char *path, const char *content)
{
	char full[PATH_MAX];
	FILE *file;

	tree_path(tree, path, full);
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(content, file);
	fclose(file);
}

static inline void tree_link(const struct tree *tree, const char *path, const char *target)
{
	char full[PATH_MAX];

	tree_path(tree, path, full);
	assert_int_equal(symlink(target, full), 0);
}

/* A process without graphics fds. */
static inline void tree_process(const struct tree *tree, int pid, int parent, int group)
{
	char path[64], content[128];

	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	snprintf(content, sizeof(content), "%d (a) b) c) S %d %d 1 0", pid, parent, group);
	tree_file(tree, path, content);
	snprintf(path, sizeof(path), "proc/%d/fd/0", pid);
	tree_link(tree, path, "/dev/null");
}

static inline void tree_fd(const struct tree *tree, int pid, int fd, const char *target)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/fd/%d", pid, fd);
	tree_link(tree, path, target);
}

static inline void tree_create(struct tree *tree)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tree->root, sizeof(tree->root), "%.40s/oracle-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(tree->root));
}

static int tree_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void tree_destroy(struct tree *tree)
{
	nftw(tree->root, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
