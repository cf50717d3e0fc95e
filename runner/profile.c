// SPDX-License-Identifier: MIT
#include "profile.h"

#include <string.h>

size_t profile_rank(const char *profile)
{
	static const char *const profiles[PROFILE_COUNT] = { "quick", "full", "soak" };
	size_t i = 0;

	while (i < PROFILE_COUNT && strcmp(profiles[i], profile))
		i++;
	return i;
}
