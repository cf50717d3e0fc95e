// SPDX-License-Identifier: MIT
#include "fetch/deb.h"

#include "fetch/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLOCK (64 * 1024)

/* A .deb is an ar archive that holds a compressed tar: the inner reader reads from the outer. */
static la_ssize_t read_member(struct archive *inner, void *data, const void **ret_block)
{
	struct archive *outer = data;
	la_int64_t offset;
	size_t size = 0;
	int r = archive_read_data_block(outer, ret_block, &size, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	return r == ARCHIVE_OK ? (la_ssize_t)size : -1;
}

static bool is_wanted(const char *name, const char *const *prefixes)
{
	for (; *prefixes; prefixes++) {
		if (text_starts(name, *prefixes))
			return true;
	}
	return false;
}

static int status_of(struct archive *a)
{
	int err = archive_errno(a);

	return err > 0 ? -err : -EBADMSG;
}

static int copy_data(struct archive *from, struct archive *to)
{
	const void *block;
	la_int64_t offset;
	size_t size;
	int r;

	while ((r = archive_read_data_block(from, &block, &size, &offset)) == ARCHIVE_OK) {
		if (archive_write_data_block(to, block, size, offset) < ARCHIVE_OK)
			return status_of(to);
	}
	return r == ARCHIVE_EOF ? 0 : status_of(from);
}

static int copy_entry(struct archive *from, struct archive_entry *entry, struct archive *to,
		      const char *folder, const char *name)
{
	_cleanup_free_ char *path = text_printf("%s/%s", folder, name), *link = NULL;
	const char *hardlink = archive_entry_hardlink(entry);
	int err;

	if (!path)
		return -ENOMEM;
	if (hardlink) {
		hardlink += text_starts(hardlink, "./") ? 2 : 0;
		link = text_printf("%s/%s", folder, hardlink);
		if (!link)
			return -ENOMEM;
		archive_entry_set_hardlink(entry, link);
	}
	archive_entry_set_pathname(entry, path);
	archive_entry_set_perm(entry, archive_entry_perm(entry) & 0755);
	if (archive_write_header(to, entry) != ARCHIVE_OK)
		return status_of(to);
	err = archive_entry_size(entry) > 0 ? copy_data(from, to) : 0;
	if (!err && archive_write_finish_entry(to) != ARCHIVE_OK)
		err = status_of(to);
	return err;
}

static int unpack_tar(struct archive *tar, const char *const *prefixes, const char *folder)
{
	struct archive *disk = archive_write_disk_new();
	struct archive_entry *entry;
	int r, err = disk ? 0 : -ENOMEM;

	if (disk)
		archive_write_disk_set_options(disk, ARCHIVE_EXTRACT_SECURE_NODOTDOT |
							     ARCHIVE_EXTRACT_SECURE_SYMLINKS |
							     ARCHIVE_EXTRACT_PERM);
	while (!err) {
		const char *name;

		r = archive_read_next_header(tar, &entry);
		if (r == ARCHIVE_EOF)
			break;
		if (r != ARCHIVE_OK) {
			err = status_of(tar);
			break;
		}
		name = archive_entry_pathname(entry);
		name += text_starts(name, "./") ? 2 : 0;
		if (is_wanted(name, prefixes))
			err = copy_entry(tar, entry, disk, folder, name);
	}
	if (disk && archive_write_free(disk) != ARCHIVE_OK && !err)
		err = -EIO;
	return err;
}

static int unpack_member(struct archive *outer, const char *const *prefixes, const char *folder)
{
	struct archive *tar = archive_read_new();
	int err;

	if (!tar)
		return -ENOMEM;
	archive_read_support_filter_all(tar);
	archive_read_support_format_tar(tar);
	if (archive_read_open(tar, outer, NULL, read_member, NULL) == ARCHIVE_OK)
		err = unpack_tar(tar, prefixes, folder);
	else
		err = status_of(tar);
	archive_read_free(tar);
	return err;
}

int deb_unpack(const char *deb, const char *const *prefixes, const char *folder)
{
	struct archive *outer = archive_read_new();
	struct archive_entry *entry;
	int err = -EBADMSG;

	if (!outer)
		return -ENOMEM;
	archive_read_support_format_ar(outer);
	if (archive_read_open_filename(outer, deb, BLOCK) != ARCHIVE_OK) {
		err = status_of(outer);
		archive_read_free(outer);
		return err;
	}
	while (archive_read_next_header(outer, &entry) == ARCHIVE_OK) {
		if (!text_starts(archive_entry_pathname(entry), "data.tar"))
			continue;
		err = unpack_member(outer, prefixes, folder);
		break;
	}
	archive_read_free(outer);
	return err;
}
