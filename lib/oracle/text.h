/* SPDX-License-Identifier: MIT */
/*
 * Text that the kernel hands out: whole files, and lines cut out of them.
 *
 * Nothing here trusts the text: lines are views with a length, never NUL-terminated strings,
 * numbers are read within their line only, and what does not match is refused.
 */
#ifndef ORACLE_TEXT_H
#define ORACLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct text - a view of characters that somebody else owns. */
struct text {
	const char *p;
	size_t len;
};

#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })

/**
 * text_read_at() - reads a whole file, however often its size is said to be 0.
 * @dirfd: folder that @path is relative to, or AT_FDCWD
 * @ret: the content, NUL-terminated for convenience; free() it
 * @ret_len: its length without that NUL
 *
 * debugfs and procfs rebuild the text at each read from offset 0; the buffer starts large enough
 * for one read to take all of it on a quiet machine.
 *
 * Returns 0 or -errno (-EFBIG over 64 MiB).
 */
int text_read_at(int dirfd, const char *path, char **ret, size_t *ret_len);

/** text_line() - cuts the next line off @rest, without its newline. False at the end. */
bool text_line(struct text *rest, struct text *ret_line);

/**
 * text_field() - cuts off what stands before the next @sep; all of @rest when there is none.
 *
 * @ret_field may be @rest: what stands after @sep is dropped then.
 */
bool text_field(struct text *rest, char sep, struct text *ret_field);

/** text_word() - skips blanks (space, tab) and cuts off the word that follows. */
bool text_word(struct text *rest, struct text *ret_word);

/** text_trim() - @t without blanks at either end. */
struct text text_trim(struct text t);

bool text_equal(struct text t, struct text other);
bool text_has_prefix(struct text t, struct text prefix);
bool text_has_suffix(struct text t, struct text suffix);

/** text_find() - the first place of @needle in @t, or NULL. */
const char *text_find(struct text t, struct text needle);

/** text_skip() - drops @prefix from the front of @t if it is there. */
bool text_skip(struct text *t, struct text prefix);

/**
 * text_u64() - the whole of @t as an unsigned number in @base (10 or 16, without prefix).
 *
 * Returns 0, -EINVAL for anything but digits, -ERANGE.
 */
int text_u64(struct text t, unsigned int base, uint64_t *ret);

/** text_i64() - the whole of @t as a signed decimal number. */
int text_i64(struct text t, int64_t *ret);

/** text_copy() - @t as a C string in @buf, cut to fit; control characters become '?'. */
void text_copy(struct text t, char *buf, size_t size);

#endif
