/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_FILE_H
#define RUNNER_FETCH_FILE_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

struct diag;

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_  __attribute__((cleanup(cleanup_free)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))

/* A formatted string the caller frees, NULL when memory is short. */
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether @s ends in @suffix, and whether it starts with @prefix. */
int text_ends(const char *s, const char *suffix);
int text_starts(const char *s, const char *prefix);

/* The words with @separator between them; the caller frees. NULL when memory is short. */
char *text_join(const char *const *words, const char *separator);

/* Reads the whole of a file; the caller frees *@ret_data, which has a NUL behind its @ret_size. */
int file_read(const char *path, char **ret_data, size_t *ret_size);

/* 1 if two files hold the same bytes, 0 if not, -errno when one cannot be read. */
int file_same(const char *a, const char *b);

/* Writes @path so that it is there whole or not at all, also after a power cut. */
int file_write_atomically(const char *path, const void *data, size_t size);

/*
 * The same where a user chose @path, which may be a pipe, a terminal or a link (/dev/stdout): such
 * a thing is written to, not replaced. -errno with @d filled in (GEMRACE_HARNESS).
 */
int file_write_out(const char *path, const void *data, size_t size, struct diag *d);

/*
 * Renames a file or folder that is complete, after its contents have reached the disk: what the
 * cache knows by name is whole, also after a power cut. 0 or -errno.
 */
int file_publish(const char *temp, const char *path);

/*
 * Copies what is in @from to @to, atomically, into a folder that is made where it is missing. Its
 * bytes are added to *@hash (may be NULL), as by hash_bytes(). 0 or -errno with @d filled in.
 */
int file_copy(const char *from, const char *to, unsigned long long *hash, struct diag *d);

/* Creates a folder and those above it; one that exists is fine. 0 or -errno. */
int file_make_folder(const char *path);

/* Removes a folder and everything below it, never following links. 0 or -errno. */
int file_remove_tree(const char *path);

/* Marks a cached file as used now, and removes the files of @folder unused for @days. */
void file_touch(const char *path);
void file_prune(const char *folder, int days);

/*
 * Takes an exclusive lock on the file @path (created when missing), waiting at most @timeout_s
 * seconds for another process to let go, or until @cancel_fd (-1: none) is readable. Returns the
 * descriptor that holds it, -ETIMEDOUT, -EINTR, -errno.
 */
int file_lock_until(const char *path, int timeout_s, int cancel_fd);
int file_lock(const char *path, int timeout_s);

/* FNV-1a, 64 bits: names for cache entries, not a protection against forgery. */
unsigned long long hash_bytes(unsigned long long hash, const void *data, size_t size);
#define HASH_START 0xcbf29ce484222325ULL

#endif
