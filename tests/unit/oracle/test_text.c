// SPDX-License-Identifier: MIT
/* Lines, fields, words and numbers cut out of text that nobody vouches for. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/text.h"

static struct text text_of(const char *s)
{
	return (struct text){ s, strlen(s) };
}

static void lines(void **state)
{
	struct text rest = TEXT("one\n\ntwo"), line;

	assert_true(text_line(&rest, &line));
	assert_true(text_equal(line, TEXT("one")));
	assert_true(text_line(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_true(text_line(&rest, &line));
	assert_true(text_equal(line, TEXT("two")));
	assert_false(text_line(&rest, &line));

	/* Only the first line, in place. */
	rest = TEXT("one\ntwo\n");
	assert_true(text_line(&rest, &rest));
	assert_true(text_equal(rest, TEXT("one")));
}

static void words(void **state)
{
	struct text rest = TEXT("  a\t bc "), word;

	assert_true(text_word(&rest, &word));
	assert_true(text_equal(word, TEXT("a")));
	assert_true(text_word(&rest, &word));
	assert_true(text_equal(word, TEXT("bc")));
	assert_false(text_word(&rest, &word));
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned int base;
		int err;
		uint64_t value;
	} cases[] = {
		{ "0", 10, 0, 0 },
		{ "00016384", 10, 0, 16384 },
		{ "18446744073709551615", 10, 0, UINT64_MAX },
		{ "18446744073709551616", 10, -ERANGE, 0 },
		{ "99999999999999999999999", 10, -ERANGE, 0 },
		{ "02080007", 16, 0, 0x2080007 },
		{ "ffffffffffffffff", 16, 0, UINT64_MAX },
		{ "FF", 16, 0, 255 },
		{ "fg", 16, -EINVAL, 0 },
		{ "a", 10, -EINVAL, 0 },
		{ "", 10, -EINVAL, 0 },
		{ "-1", 10, -EINVAL, 0 },
		{ "+1", 10, -EINVAL, 0 },
		{ " 1", 10, -EINVAL, 0 },
		{ "1 ", 10, -EINVAL, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 4711;

		assert_int_equal(text_u64(text_of(cases[i].text), cases[i].base, &value),
				 cases[i].err);
		assert_int_equal(value, cases[i].err ? 4711 : cases[i].value);
	}
}

static void signed_numbers(void **state)
{
	int64_t value;

	assert_int_equal(text_i64(TEXT("-0000003"), &value), 0);
	assert_int_equal(value, -3);
	assert_int_equal(text_i64(TEXT("9223372036854775807"), &value), 0);
	assert_int_equal(value, INT64_MAX);
	assert_int_equal(text_i64(TEXT("9223372036854775808"), &value), -ERANGE);
	assert_int_equal(text_i64(TEXT("--1"), &value), -EINVAL);
}

static void copies(void **state)
{
	char buf[6];

	text_copy(TEXT("a\tb\ncdefg"), buf, sizeof(buf));
	assert_string_equal(buf, "a?b?c");
	text_copy(TEXT(""), buf, sizeof(buf));
	assert_string_equal(buf, "");
}

/* Files of procfs claim to be empty: the size must come from reading. */
static void whole_files(void **state)
{
	size_t len;
	char *buf;

	assert_int_equal(text_read_at(AT_FDCWD, "/proc/self/maps", &buf, &len), 0);
	assert_true(len > 0);
	assert_int_equal(buf[len], '\0');
	free(buf);
	assert_int_equal(text_read_at(AT_FDCWD, "/proc/no such file", &buf, &len), -ENOENT);
	assert_int_equal(text_read_at(AT_FDCWD, "/proc", &buf, &len), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),   cmocka_unit_test(words),
		cmocka_unit_test(numbers), cmocka_unit_test(signed_numbers),
		cmocka_unit_test(copies),  cmocka_unit_test(whole_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
