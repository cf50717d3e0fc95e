// SPDX-License-Identifier: MIT
/* Patterns: a table of cases, and every short name against every short pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "igt/pattern.h"

static void wildmat(void **state)
{
	static const struct {
		const char *name, *pattern;
		bool match;
	} cases[] = {
		{ "", "", true },
		{ "a", "", false },
		{ "", "a", false },
		{ "", "*", true },
		{ "", "?", false },
		{ "abc", "abc", true },
		{ "abc", "ab", false },
		{ "ab", "abc", false },
		{ "abc", "*", true },
		{ "abc", "a*", true },
		{ "abc", "*c", true },
		{ "abc", "*b", false },
		{ "abc", "a*c", true },
		{ "abc", "***", true },
		{ "abc", "a?c", true },
		{ "abc", "???", true },
		{ "abc", "????", false },
		{ "ababc", "*abc", true },
		{ "aaaaab", "a*a*b", true },
		{ "aaaaaa", "a*a*b", false },
		{ "abXcabY", "*ab?", true },
		{ "flink-vs-close", "flink-*", true },
		{ "flink-vs-close", "*-close", true },
		{ "flink-vs-close", "*-vs-*", true },
		{ "b", "[abc]", true },
		{ "d", "[abc]", false },
		{ "d", "[^abc]", true },
		{ "b", "[^abc]", false },
		{ "m", "[a-z]", true },
		{ "M", "[a-z]", false },
		{ "5", "[a-z0-9]", true },
		{ "-", "[a-]", true },
		{ "b", "[a-]", false },
		{ "]", "[]]", true },
		{ "]", "[^]]", false },
		{ "x", "[^]]", true },
		{ "^", "[a^]", true },
		{ "ab", "[a][b]", true },
		{ "cab", "*[a][b]", true },
		{ "*", "\\*", true },
		{ "a", "\\*", false },
		{ "a*b", "a\\*b", true },
		{ "!a", "\\!a", true },
		/* malformed: matches nothing, itself included */
		{ "[", "[", false },
		{ "[abc", "[abc", false },
		{ "a", "[", false },
		{ "a\\", "a\\", false },
		{ "a", "*[", false },
		{ "", "[a", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (igt_wildmat(cases[i].name, cases[i].pattern) != cases[i].match)
			fail_msg("\"%s\" against \"%s\": not %d", cases[i].name, cases[i].pattern,
				 cases[i].match);
}

/* What a pattern of letters, ? and * means, straight from its definition. */
static bool slow(const char *name, const char *pattern)
{
	if (!*pattern)
		return !*name;
	if (*pattern == '*')
		return slow(name, pattern + 1) || (*name && slow(name + 1, pattern));
	return *name && (*pattern == '?' || *pattern == *name) && slow(name + 1, pattern + 1);
}

/* The @index-th word of @length letters of @alphabet. */
static void word(char *buf, unsigned int index, int length, const char *alphabet)
{
	unsigned int letters = (unsigned int)strlen(alphabet);

	for (int i = 0; i < length; i++, index /= letters)
		buf[i] = alphabet[index % letters];
	buf[length] = '\0';
}

static unsigned int words(int length, unsigned int letters)
{
	unsigned int n = 1;

	while (length--)
		n *= letters;
	return n;
}

/* 63 names by 5461 patterns: all there are up to these lengths. */
static void every_short_pattern(void **state)
{
	char name[8], pattern[8];

	for (int m = 0; m <= 6; m++) {
		for (unsigned int p = 0; p < words(m, 4); p++) {
			word(pattern, p, m, "ab?*");
			for (int n = 0; n <= 5; n++) {
				for (unsigned int i = 0; i < words(n, 2); i++) {
					word(name, i, n, "ab");
					if (igt_wildmat(name, pattern) != slow(name, pattern))
						fail_msg("\"%s\" against \"%s\"", name, pattern);
				}
			}
		}
	}
}

/* A pattern of many stars must not take exponential time. */
static void many_stars(void **state)
{
	char name[249], pattern[101];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = "a*"[i % 2];
	pattern[sizeof(pattern) - 1] = '\0';
	assert_true(igt_wildmat(name, pattern));
	pattern[0] = 'b';
	assert_false(igt_wildmat(name, pattern));
	pattern[0] = 'a';
	pattern[sizeof(pattern) - 2] = 'b';
	assert_false(igt_wildmat(name, pattern));
}

static void lists(void **state)
{
	static const struct {
		const char *name, *patterns;
		bool match;
	} cases[] = {
		{ "a", "a", true },      { "b", "a", false },
		{ "b", "a,b", true },    { "c", "a,b", false },
		{ "b", "*,!b", false },  { "a", "*,!b", true },
		{ "b", "*,!b,b", true }, { "b", "!b,*", true }, /* the last match wins */
		{ "a", "!b", false }, /* excluding alone selects nothing */
		{ "a", "!a", false },    { "abc", "a*,!*c,*b*", true },
		{ "a", ",a", true },     { "a", "a,", true },
		{ "", ",", true },       { "a", ",,", false },
		{ "a", "!", false },     { "a", "a,!", true },
		{ "!a", "!a", false },   { "a", "[", false },
		{ "a", "a,[", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (igt_pattern_match(cases[i].name, cases[i].patterns) != cases[i].match)
			fail_msg("\"%s\" against \"%s\": not %d", cases[i].name, cases[i].patterns,
				 cases[i].match);
}

/* igt_runner builds lists of every subtest it has seen; one part may also be absurdly long. */
static void long_lists(void **state)
{
	static char patterns[64 * 1024];
	size_t n = 0;

	patterns[n++] = '*';
	while (n < sizeof(patterns) - 300) {
		memcpy(patterns + n, ",!some-subtest-that-ran", 23);
		n += 23;
	}
	memcpy(patterns + n, ",!last", 7);
	assert_true(igt_pattern_match("first", patterns));
	assert_false(igt_pattern_match("last", patterns));
	assert_false(igt_pattern_match("some-subtest-that-ran", patterns));

	memset(patterns, 'a', 5000);
	strcpy(patterns + 5000, ",b");
	assert_false(igt_pattern_match("a", patterns));
	assert_true(igt_pattern_match("b", patterns));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wildmat),    cmocka_unit_test(every_short_pattern),
		cmocka_unit_test(many_stars), cmocka_unit_test(lists),
		cmocka_unit_test(long_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
