// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/text.h"

#define READ_FIRST (16 * 1024)
#define READ_MOST  (64 * 1024 * 1024)

static int read_all(int fd, char **ret, size_t *ret_len)
{
	size_t size = READ_FIRST, len = 0;
	char *buf = malloc(size);
	int err = buf ? 0 : -ENOMEM;

	while (!err) {
		ssize_t n = read(fd, buf + len, size - len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		len += n;
		if (len < size - 1)
			continue;
		if (size >= READ_MOST) {
			err = -EFBIG;
			break;
		}
		size *= 2;
		char *more = realloc(buf, size);

		if (more)
			buf = more;
		else
			err = -ENOMEM;
	}
	if (err) {
		free(buf);
		return err;
	}
	buf[len] = '\0';
	*ret = buf;
	*ret_len = len;
	return 0;
}

int text_read_at(int dirfd, const char *path, char **ret, size_t *ret_len)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = read_all(fd, ret, ret_len);
	close(fd);
	return err;
}

bool text_field(struct text *rest, char sep, struct text *ret_field)
{
	struct text field = *rest;
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->p, sep, rest->len);
	if (end)
		field.len = end - rest->p;
	rest->p += field.len + !!end;
	rest->len -= field.len + !!end;
	*ret_field = field; /* last: it may be @rest itself, to keep only the field */
	return true;
}

bool text_line(struct text *rest, struct text *ret_line)
{
	return text_field(rest, '\n', ret_line);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_word(struct text *rest, struct text *ret_word)
{
	size_t len = 0;

	while (rest->len && is_blank(*rest->p)) {
		rest->p++;
		rest->len--;
	}
	while (len < rest->len && !is_blank(rest->p[len]))
		len++;
	if (!len)
		return false;
	*ret_word = (struct text){ rest->p, len };
	rest->p += len;
	rest->len -= len;
	return true;
}

struct text text_trim(struct text t)
{
	while (t.len && is_blank(t.p[0])) {
		t.p++;
		t.len--;
	}
	while (t.len && is_blank(t.p[t.len - 1]))
		t.len--;
	return t;
}

bool text_has_prefix(struct text t, struct text prefix)
{
	return t.len >= prefix.len && !memcmp(t.p, prefix.p, prefix.len);
}

bool text_has_suffix(struct text t, struct text suffix)
{
	return t.len >= suffix.len && !memcmp(t.p + t.len - suffix.len, suffix.p, suffix.len);
}

bool text_equal(struct text t, struct text other)
{
	return t.len == other.len && text_has_prefix(t, other);
}

const char *text_find(struct text t, struct text needle)
{
	return t.len ? memmem(t.p, t.len, needle.p, needle.len) : NULL;
}

bool text_skip(struct text *t, struct text prefix)
{
	if (!text_has_prefix(*t, prefix))
		return false;
	t->p += prefix.len;
	t->len -= prefix.len;
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

int text_u64(struct text t, unsigned int base, uint64_t *ret)
{
	uint64_t value = 0;

	if (!t.len)
		return -EINVAL;
	for (size_t i = 0; i < t.len; i++) {
		unsigned int digit = digit_of(t.p[i]);

		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int text_i64(struct text t, int64_t *ret)
{
	bool minus = text_skip(&t, TEXT("-"));
	uint64_t value;
	int err = text_u64(t, 10, &value);

	if (err)
		return err;
	if (value > INT64_MAX)
		return -ERANGE;
	*ret = minus ? -(int64_t)value : (int64_t)value;
	return 0;
}

void text_copy(struct text t, char *buf, size_t size)
{
	size_t len = t.len < size - 1 ? t.len : size - 1;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = t.p[i];

		buf[i] = c < ' ' || c == 0x7f ? '?' : c;
	}
	buf[len] = '\0';
}
