// SPDX-License-Identifier: MIT
#include "fetch/unpack.h"

#include "fetch/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

static int read_raw(struct archive *a, char **ret_data, size_t *ret_size)
{
	_cleanup_free_ char *data = NULL;
	struct archive_entry *entry;
	size_t size = 0, room = 1 << 20;
	la_ssize_t n;
	int r;

	r = archive_read_next_header(a, &entry);
	if (r == ARCHIVE_EOF)
		return -EBADMSG;
	if (r != ARCHIVE_OK)
		return archive_errno(a) == ENOENT ? -ENOENT : -EBADMSG;

	data = malloc(room);
	while (data) {
		n = archive_read_data(a, data + size, room - size);
		if (n < 0)
			return -EBADMSG;
		if (!n)
			break;
		size += n;
		if (size == room) {
			char *bigger = realloc(data, room *= 2);

			if (!bigger)
				return -ENOMEM;
			data = bigger;
		}
	}
	if (!data)
		return -ENOMEM;
	*ret_data = data;
	data = NULL;
	*ret_size = size;
	return 0;
}

int unpack_bytes(const void *packed, size_t packed_size, char **ret_data, size_t *ret_size)
{
	struct archive *a = archive_read_new();
	int err = -ENOMEM;

	if (!a)
		return err;
	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, packed, packed_size) == ARCHIVE_OK)
		err = read_raw(a, ret_data, ret_size);
	else
		err = -EBADMSG;
	archive_read_free(a);
	return err;
}

int unpack_file(const char *path, char **ret_data, size_t *ret_size)
{
	_cleanup_free_ char *packed = NULL;
	size_t size;
	int err;

	err = file_read(path, &packed, &size);
	if (err)
		return err;
	return unpack_bytes(packed, size, ret_data, ret_size);
}
