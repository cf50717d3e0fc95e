// SPDX-License-Identifier: MIT
#include "igt/pattern.h"

#include <string.h>

#define PATTERN_MAX 1024

/*
 * Match @c against the set that starts behind '['. Returns the position behind the closing
 * bracket, or NULL when there is none. As in a shell, a ']' directly behind the opening is an
 * ordinary member.
 */
static const char *match_set(const char *p, char c, bool *ret_match)
{
	bool negate = *p == '^';
	bool match = false;
	const char *first;

	if (negate)
		p++;
	for (first = p; *p && (*p != ']' || p == first); p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			match |= (unsigned char)*p <= (unsigned char)c &&
				 (unsigned char)c <= (unsigned char)p[2];
			p += 2;
		} else {
			match |= *p == c;
		}
	}
	if (*p != ']')
		return NULL;

	*ret_match = match != negate;
	return p + 1;
}

bool igt_wildmat(const char *name, const char *pattern)
{
	const char *star = NULL, *resume = NULL;
	const char *n = name, *p = pattern;

	/* Only the last star can need another try: earlier ones took the least they could. */
	for (;;) {
		bool match = false;
		const char *next = p + 1;

		if (*p == '*') {
			star = ++p;
			resume = n;
			continue;
		}
		if (!*n && !*p)
			return true;
		if (*n && *p) {
			if (*p == '?') {
				match = true;
			} else if (*p == '[') {
				next = match_set(p + 1, *n, &match);
				if (!next)
					return false;
			} else if (*p == '\\') {
				if (!p[1])
					return false;
				match = p[1] == *n;
				next = p + 2;
			} else {
				match = *p == *n;
			}
		}
		if (match) {
			p = next;
			n++;
			continue;
		}
		if (!star || !*resume)
			return false;
		n = ++resume;
		p = star;
	}
}

bool igt_pattern_match(const char *name, const char *patterns)
{
	const char *part = patterns;
	bool selected = false;

	while (true) {
		size_t length = strcspn(part, ",");
		bool exclude = length && part[0] == '!';
		char single[PATTERN_MAX];

		/* A part too long to be a name's pattern cannot match: names are under 250. */
		if (length - exclude < sizeof(single)) {
			memcpy(single, part + exclude, length - exclude);
			single[length - exclude] = '\0';
			if (igt_wildmat(name, single))
				selected = !exclude;
		}
		if (!part[length])
			return selected;
		part += length + 1;
	}
}
