// SPDX-License-Identifier: MIT
#include "kbuild/version.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int kernel_version_compare(struct kernel_version a, struct kernel_version b)
{
	return a.major != b.major ? a.major - b.major : a.minor - b.minor;
}

/* No sign, no space, no overflow: kernel versions are small. */
static int parse_number(const char *s, int *ret, const char **ret_end)
{
	int n = 0, digits = 0;

	for (; isdigit((unsigned char)*s); s++) {
		n = n * 10 + (*s - '0');
		if (++digits > 4)
			return -EINVAL;
	}
	if (!digits)
		return -EINVAL;
	*ret = n;
	*ret_end = s;
	return 0;
}

int kernel_version_parse(const char *s, struct kernel_version *ret, const char **ret_end)
{
	struct kernel_version v;

	if (parse_number(s, &v.major, &s) || *s++ != '.' || parse_number(s, &v.minor, &s))
		return -EINVAL;
	*ret = v;
	*ret_end = s;
	return 0;
}

/* The number in a line "NAME = number" of a Makefile. */
static int assignment(const char *text, const char *name, int *ret)
{
	size_t n = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *s, *end;

		line += *line == '\n';
		if (strncmp(line, name, n))
			continue;
		s = line + n;
		s += strspn(s, " \t");
		if (*s++ != '=')
			continue;
		s += strspn(s, " \t");
		return parse_number(s, ret, &end) ? -ENOENT : 0;
	}
	return -ENOENT;
}

int kernel_version_from_makefile(const char *text, struct kernel_version *ret)
{
	struct kernel_version v;

	if (assignment(text, "VERSION", &v.major) || assignment(text, "PATCHLEVEL", &v.minor))
		return -ENOENT;
	*ret = v;
	return 0;
}
