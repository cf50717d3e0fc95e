// SPDX-License-Identifier: MIT
#include "guest/tree.h"

#include "fetch/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

const struct tree_entry *tree_find(const struct tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (!strcmp(tree->entries[i].path, path))
			return &tree->entries[i];
	}
	return NULL;
}

static int append(struct tree *tree, const char *path, unsigned int mode, char *data, size_t size)
{
	struct tree_entry *bigger;
	char *copy = strdup(path);

	bigger = realloc(tree->entries, (tree->count + 1) * sizeof(*bigger));
	if (bigger)
		tree->entries = bigger;
	if (!bigger || !copy) {
		free(copy);
		free(data);
		return -ENOMEM;
	}
	tree->entries[tree->count++] = (struct tree_entry){
		.path = copy, .mode = mode, .data = data, .size = size
	};
	return 0;
}

int tree_add_folder(struct tree *tree, const char *path)
{
	char *slash;
	int err = 0;

	if (!*path || tree_find(tree, path))
		return 0;
	slash = strrchr(path, '/');
	if (slash && slash != path) {
		_cleanup_free_ char *parent = strndup(path, slash - path);

		err = parent ? tree_add_folder(tree, parent) : -ENOMEM;
	}
	return err ? err : append(tree, path, S_IFDIR | 0755, NULL, 0);
}

int tree_add(struct tree *tree, const char *path, unsigned int mode, char *data, size_t size)
{
	_cleanup_free_ char *parent = strndup(path, strrchr(path, '/') - path);
	int err;

	if (tree_find(tree, path)) {
		free(data);
		return 0;
	}
	err = parent ? tree_add_folder(tree, parent) : -ENOMEM;
	if (err) {
		free(data);
		return err;
	}
	return append(tree, path, mode, data, size);
}

int tree_add_text(struct tree *tree, const char *path, const char *text)
{
	char *copy = strdup(text);

	return copy ? tree_add(tree, path, S_IFREG | 0644, copy, strlen(text)) : -ENOMEM;
}

int tree_add_link(struct tree *tree, const char *path, const char *target)
{
	char *copy = strdup(target);

	return copy ? tree_add(tree, path, S_IFLNK | 0777, copy, strlen(target)) : -ENOMEM;
}

int tree_add_host_file(struct tree *tree, const char *path, const char *host_path)
{
	struct stat st;
	size_t size;
	char *data;
	int err;

	if (tree_find(tree, path))
		return 0;
	if (stat(host_path, &st))
		return -errno;
	err = file_read(host_path, &data, &size);
	if (err)
		return err;
	return tree_add(tree, path, S_IFREG | (st.st_mode & 0111 ? 0755 : 0644), data, size);
}

unsigned long long tree_hash(const struct tree *tree)
{
	unsigned long long hash = HASH_START;

	for (size_t i = 0; i < tree->count; i++) {
		const struct tree_entry *e = &tree->entries[i];

		hash = hash_bytes(hash, e->path, strlen(e->path) + 1);
		hash = hash_bytes(hash, &e->mode, sizeof(e->mode));
		hash = hash_bytes(hash, &e->size, sizeof(e->size));
		hash = hash_bytes(hash, e->data, e->size);
	}
	return hash;
}

static int write_entry(struct archive *a, const struct tree_entry *e)
{
	struct archive_entry *entry = archive_entry_new();
	int r;

	if (!entry)
		return -ENOMEM;
	/* No leading slash: the kernel unpacks relative to the root. */
	archive_entry_set_pathname(entry, e->path + 1);
	archive_entry_set_mode(entry, e->mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_size(entry, S_ISREG(e->mode) ? e->size : 0);
	if (S_ISLNK(e->mode))
		archive_entry_set_symlink(entry, e->data);
	r = archive_write_header(a, entry);
	if (r == ARCHIVE_OK && S_ISREG(e->mode) && e->size &&
	    archive_write_data(a, e->data, e->size) != (la_ssize_t)e->size)
		r = ARCHIVE_FATAL;
	archive_entry_free(entry);
	return r == ARCHIVE_OK ? 0 : archive_errno(a) > 0 ? -archive_errno(a) : -EIO;
}

int tree_write_cpio(const struct tree *tree, const char *path)
{
	_cleanup_free_ char *temp = text_printf("%s.XXXXXX", path);
	_cleanup_close_ int fd = temp ? mkstemp(temp) : -1;
	struct archive *a = archive_write_new();
	int err = 0;

	if (fd < 0 || !a) {
		err = fd < 0 ? -errno : -ENOMEM;
		archive_write_free(a);
		return err;
	}
	archive_write_set_format_cpio_newc(a);
	archive_write_set_bytes_in_last_block(a, 512);
	if (archive_write_open_fd(a, fd) != ARCHIVE_OK)
		err = -EIO;
	for (size_t i = 0; !err && i < tree->count; i++)
		err = write_entry(a, &tree->entries[i]);
	if (archive_write_close(a) != ARCHIVE_OK && !err)
		err = archive_errno(a) > 0 ? -archive_errno(a) : -EIO;
	archive_write_free(a);
	if (!err && fchmod(fd, 0644))
		err = -errno;
	err = err ?: file_publish(temp, path);
	if (err)
		unlink(temp);
	return err;
}

void tree_finish(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->entries[i].path);
		free(tree->entries[i].data);
	}
	free(tree->entries);
	*tree = (struct tree){ 0 };
}
