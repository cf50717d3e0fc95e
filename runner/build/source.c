// SPDX-License-Identifier: MIT
#include "build/source.h"

#include "diag.h"
#include "fetch/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLOCK_SIZE (1 << 20)

static bool is_wanted(const char *path, const char *const *prefixes)
{
	for (; *prefixes; prefixes++) {
		if (text_starts(path, *prefixes))
			return true;
	}
	return false;
}

/* The path below the archive's top folder. NULL for that folder and for one that leads outside. */
static const char *path_below_top(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	const char *slash = path ? strchr(path, '/') : NULL;

	return slash && slash[1] && !strstr(slash, "/..") ? slash + 1 : NULL;
}

/* Creates the folder that @path lies in. */
static int make_parent(const char *path)
{
	_cleanup_free_ char *folder = strdup(path);

	if (!folder)
		return -ENOMEM;
	*strrchr(folder, '/') = '\0';
	return file_make_folder(folder);
}

static int unpack_entry(struct archive *a, struct archive_entry *entry, const char *below,
			const char *dest, const char *second)
{
	_cleanup_free_ char *path = text_printf("%s/%s", dest, below);
	_cleanup_free_ char *other = text_printf("%s/%s", second, below);
	int err;

	if (!path || !other)
		return -ENOMEM;
	err = make_parent(other);
	if (err)
		return err;
	archive_entry_set_pathname(entry, path);
	archive_entry_set_hardlink(entry, NULL);
	if (archive_read_extract(
		    a, entry, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT) != ARCHIVE_OK)
		return archive_errno(a) > 0 ? -archive_errno(a) : -EBADMSG;
	return link(path, other) ? -errno : 0;
}

static int unpack_all(struct archive *a, const char *const *prefixes, const char *dest,
		      const char *second)
{
	struct archive_entry *entry;
	int ret, err = 0;

	while (!err && (ret = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
		const char *below;

		if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
			return -EBADMSG;
		below = path_below_top(entry);
		if (below && archive_entry_filetype(entry) == AE_IFREG &&
		    is_wanted(below, prefixes))
			err = unpack_entry(a, entry, below, dest, second);
	}
	return err;
}

int source_unpack(const char *archive, const char *const *prefixes, const char *dest,
		  const char *second, struct diag *d)
{
	struct archive *a = archive_read_new();
	int err;

	if (!a)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	err = archive_read_open_filename(a, archive, BLOCK_SIZE) == ARCHIVE_OK
		      ? unpack_all(a, prefixes, dest, second)
		      : -EBADMSG;
	if (err)
		diag_set(d, GEMRACE_HARNESS, -err, "unpacking %s: %s", archive, strerror(-err));
	archive_read_free(a);
	return err;
}
