/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_GUEST_TREE_H
#define RUNNER_GUEST_TREE_H

#include <stdbool.h>
#include <stddef.h>

/* The guest's files, in memory: what goes into the initramfs. */
struct tree_entry {
	char *path;        /* absolute, in the guest */
	unsigned int mode; /* with the type: S_IFREG, S_IFDIR, S_IFLNK */
	char *data;        /* contents, or the link's target */
	size_t size;
};

struct tree {
	struct tree_entry *entries; /* folders before what they hold */
	size_t count;
};

/*
 * Adds a file, together with the folders above it. Takes over @data, also on failure. A path that
 * is there already keeps its first contents. 0 or -ENOMEM.
 */
int tree_add(struct tree *tree, const char *path, unsigned int mode, char *data, size_t size);

int tree_add_text(struct tree *tree, const char *path, const char *text);
int tree_add_link(struct tree *tree, const char *path, const char *target);
int tree_add_folder(struct tree *tree, const char *path);
/* Copies a file of the host. 0 or -errno. */
int tree_add_host_file(struct tree *tree, const char *path, const char *host_path);

const struct tree_entry *tree_find(const struct tree *tree, const char *path);

/* A name for the contents: equal trees have equal hashes, whatever the files' dates and owners. */
unsigned long long tree_hash(const struct tree *tree);

/* Writes a cpio archive as the kernel wants it (newc, root's files, no dates). 0 or -errno. */
int tree_write_cpio(const struct tree *tree, const char *path);

void tree_finish(struct tree *tree);

#endif
