// SPDX-License-Identifier: MIT
#include "kbuild/archive.h"

#include "diag.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/lock.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* Times its archive a kernel's source takes: 12 under xz, less otherwise. */
#define UNPACKED_FACTOR 12

static int hash_file(const char *path, unsigned long long *ret, unsigned long long *ret_size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned long long hash = HASH_START, size = 0;
	_cleanup_free_ char *buf = malloc(1 << 20);
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (!buf)
		return -ENOMEM;
	while ((n = read(fd, buf, 1 << 20)) > 0) {
		hash = hash_bytes(hash, buf, n);
		size += n;
	}
	if (n < 0)
		return -errno;
	*ret = hash;
	*ret_size = size;
	return 0;
}

/* libarchive's errno is its own for damage in the archive, the system's for the disk. */
static int failure(struct archive *a, const char *name, struct diag *d)
{
	int err = archive_errno(a);

	return diag_set(d, err == ENOSPC || err == EDQUOT ? GEMRACE_HARNESS : GEMRACE_USAGE,
			err > 0 ? err : EBADMSG, "source '%s': %s", name, archive_error_string(a));
}

static int copy_data(struct archive *in, struct archive *out, const char *name, struct diag *d)
{
	const void *block;
	la_int64_t offset;
	size_t size;
	int r;

	while ((r = archive_read_data_block(in, &block, &size, &offset)) == ARCHIVE_OK) {
		if (archive_write_data_block(out, block, size, offset) < ARCHIVE_OK)
			return failure(out, name, d);
	}
	return r == ARCHIVE_EOF ? 0 : failure(in, name, d);
}

/* Below @folder, whatever the entry calls itself. */
static int extract_entry(struct archive *in, struct archive *out, struct archive_entry *entry,
			 const char *folder, const char *name, struct diag *d)
{
	const char *link = archive_entry_hardlink(entry);
	_cleanup_free_ char *path = text_printf("%s/%s", folder, archive_entry_pathname(entry));
	_cleanup_free_ char *target = link ? text_printf("%s/%s", folder, link) : NULL;

	if (!path || (link && !target))
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	archive_entry_set_pathname(entry, path);
	if (target)
		archive_entry_set_hardlink(entry, target);
	if (archive_write_header(out, entry) < ARCHIVE_WARN)
		return failure(out, name, d);
	return archive_entry_size(entry) > 0 ? copy_data(in, out, name, d) : 0;
}

static int extract(struct archive *in, struct archive *out, const char *name, const char *folder,
		   int cancel_fd, struct diag *d)
{
	struct archive_entry *entry;
	int r, err = 0;

	archive_read_support_filter_all(in);
	archive_read_support_format_tar(in);
	/* Dates are content: make goes by them, and so does source_tree_open(). */
	archive_write_disk_set_options(out, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM |
						    ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	if (archive_read_open_filename(in, name, 1 << 20) != ARCHIVE_OK)
		return failure(in, name, d);
	while (!err && (r = archive_read_next_header(in, &entry)) != ARCHIVE_EOF) {
		if (r < ARCHIVE_WARN)
			return failure(in, name, d);
		if (kbuild_cancelled(cancel_fd))
			return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
		err = extract_entry(in, out, entry, folder, name, d);
	}
	if (!err && archive_write_close(out) != ARCHIVE_OK)
		err = failure(out, name, d);
	return err;
}

static int unpack_to(const char *name, const char *folder, int cancel_fd, struct diag *d)
{
	struct archive *in = archive_read_new(), *out = archive_write_disk_new();
	int err;

	if (in && out)
		err = extract(in, out, name, folder, cancel_fd, d);
	else
		err = diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	archive_read_free(in);
	archive_write_free(out);
	return err;
}

/* The one entry of @folder, or NULL. */
static char *only_entry(const char *folder)
{
	DIR *dir = opendir(folder);
	char *found = NULL;
	struct dirent *e;
	int count = 0;

	while (dir && (e = readdir(dir))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		free(found);
		found = text_printf("%s/%s", folder, e->d_name);
		count++;
	}
	if (dir)
		closedir(dir);
	if (count == 1)
		return found;
	free(found);
	return NULL;
}

/* Unpacks beside @folder and moves it there once it is whole. */
static int unpack_once(const char *archive, const char *folder, const char *partial, int cancel_fd,
		       struct diag *d)
{
	int err = file_remove_tree(partial), bad;

	if (!err)
		err = file_make_folder(partial);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", partial, strerror(-err));
	err = unpack_to(archive, partial, cancel_fd, d);
	bad = err ? 0 : file_publish(partial, folder);
	if (bad)
		err = diag_set(d, GEMRACE_HARNESS, -bad, "%s: %s", folder, strerror(-bad));
	if (err)
		file_remove_tree(partial);
	return err;
}

int source_archive_unpack(const char *archive, const char *cache, int cancel_fd,
			  const struct notifier *notifier, char **ret_tree, struct diag *d)
{
	_cleanup_free_ char *sources = text_printf("%s/source", cache);
	_cleanup_free_ char *line = text_printf("unpacking %s", archive);
	_cleanup_free_ char *folder = NULL, *partial = NULL, *lock_path = NULL;
	_cleanup_close_ int lock = -1;
	unsigned long long hash = 0, size = 0;
	int err;

	err = hash_file(archive, &hash, &size);
	if (err)
		return diag_set(d, GEMRACE_USAGE, -err, "source '%s': %s", archive, strerror(-err));
	folder = text_printf("%s/%016llx", sources, hash);
	partial = text_printf("%s.partial", folder);
	lock_path = text_printf("%s.lock", folder);
	if (!sources || !folder || !partial || !lock_path || !line)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");

	err = file_make_folder(sources);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", sources, strerror(-err));
	lock = kbuild_lock(lock_path, cancel_fd, notifier, d);
	if (lock < 0)
		return lock;
	if (access(folder, F_OK)) {
		err = space_check(cache, size * UNPACKED_FACTOR >> 20, "the kernel's source", d);
		if (err)
			return err;
		notify(notifier, line);
		err = unpack_once(archive, folder, partial, cancel_fd, d);
		if (err)
			return err;
	}
	*ret_tree = only_entry(folder);
	if (!*ret_tree)
		return diag_set(d, GEMRACE_USAGE, EBADMSG,
				"source '%s' does not hold one folder with a kernel's source",
				archive);
	return 0;
}
