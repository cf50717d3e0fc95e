/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_UNPACK_H
#define RUNNER_FETCH_UNPACK_H

#include <stddef.h>

/*
 * Reads a file that may be compressed (xz, zstd, gzip, lz4: whatever libarchive knows) and returns
 * what is inside; a file that is not compressed is returned as it is. The caller frees *@ret_data.
 * -EBADMSG when it is damaged.
 */
int unpack_file(const char *path, char **ret_data, size_t *ret_size);

/* The same for compressed bytes in memory. */
int unpack_bytes(const void *packed, size_t packed_size, char **ret_data, size_t *ret_size);

#endif
