// SPDX-License-Identifier: MIT
#include "results/name.h"

#include "fetch/file.h"

#include <string.h>

#define PREFIX "igt@"

const char *test_short_name(const char *name)
{
	return text_starts(name, PREFIX) ? name + strlen(PREFIX) : name;
}

bool test_is_dynamic(const char *name)
{
	int ats = 0;

	for (const char *p = name; *p; p++)
		ats += *p == '@';
	return ats > 2;
}

bool test_is_dynamic_of(const char *name, const char *subtest)
{
	return text_starts(name, subtest) && name[strlen(subtest)] == '@';
}
