// SPDX-License-Identifier: MIT
#include "suite/settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "race/race.h"

/* A day: longer is a typing error. */
#define RACE_TIME_MAX 86400.0

static const struct {
	const char *name;
	uint64_t race_ms;
} profiles[] = {
	[SUITE_QUICK] = { "quick", 1000 },
	[SUITE_FULL] = { "full", 5000 },
	[SUITE_SOAK] = { "soak", 60000 },
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static int read_profile(const char *text, enum suite_profile *ret_profile)
{
	for (unsigned int i = 0; i < PROFILES; i++)
		if (!strcmp(text, profiles[i].name)) {
			*ret_profile = i;
			return 0;
		}
	return -EINVAL;
}

static int read_census(const char *text, enum suite_census_mode *ret)
{
	static const char *const names[] = {
		[SUITE_CENSUS_AUTO] = "auto",     [SUITE_CENSUS_OFF] = "off",
		[SUITE_CENSUS_COUNT] = "count",   [SUITE_CENSUS_KEEP] = "keep",
		[SUITE_CENSUS_STACKS] = "stacks",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int read_race_time(const char *text, uint64_t *ret_ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || seconds < 0.001 || seconds > RACE_TIME_MAX)
		return -EINVAL;
	*ret_ms = (uint64_t)(seconds * 1000);
	return 0;
}

static int read_seed(const char *text, uint64_t *ret_seed)
{
	unsigned long long seed;
	char *end;

	errno = 0;
	seed = strtoull(text, &end, 0);
	if (errno || end == text || *end || strchr(text, '-'))
		return -EINVAL;
	*ret_seed = seed;
	return 0;
}

int suite_settings_read(suite_getenv *get, uint64_t default_seed,
			struct suite_settings *ret_settings, char *error, size_t error_size)
{
	struct suite_settings settings = { .profile = SUITE_QUICK, .seed = default_seed };
	const char *text;

	text = get("GEMRACE_PROFILE");
	if (text && read_profile(text, &settings.profile)) {
		snprintf(error, error_size, "GEMRACE_PROFILE: '%s' is none of quick, full, soak",
			 text);
		return -EINVAL;
	}
	settings.race_ms = profiles[settings.profile].race_ms;
	text = get("GEMRACE_RACE_TIME");
	if (text && read_race_time(text, &settings.race_ms)) {
		snprintf(error, error_size,
			 "GEMRACE_RACE_TIME: '%s' is not a time of 0.001 to %.0f seconds", text,
			 RACE_TIME_MAX);
		return -EINVAL;
	}
	text = get("GEMRACE_SEED");
	if (text && read_seed(text, &settings.seed)) {
		snprintf(error, error_size, "GEMRACE_SEED: '%s' is not a number below 2^64", text);
		return -EINVAL;
	}
	text = get("GEMRACE_REPLAY");
	settings.replay = text && *text ? text : NULL;
	if (settings.replay && race_replay_check(settings.replay)) {
		snprintf(error, error_size, "GEMRACE_REPLAY: '%s' is no replay string", text);
		return -EINVAL;
	}
	settings.perturb = get("GEMRACE_PERTURB");
	if (settings.perturb && race_perturb_check(settings.perturb)) {
		snprintf(error, error_size, "GEMRACE_PERTURB: '%s' names no perturbations",
			 settings.perturb);
		return -EINVAL;
	}
	text = get("GEMRACE_WALK");
	settings.walk = text && *text ? text : NULL;
	text = get("GEMRACE_KMEMLEAK");
	settings.kmemleak = text && *text ? !strcmp(text, "on") : settings.profile != SUITE_QUICK;
	if (text && *text && strcmp(text, "on") && strcmp(text, "off")) {
		snprintf(error, error_size, "GEMRACE_KMEMLEAK: '%s' is none of on, off", text);
		return -EINVAL;
	}
	text = get("GEMRACE_CENSUS");
	if (text && *text && read_census(text, &settings.census)) {
		snprintf(error, error_size,
			 "GEMRACE_CENSUS: '%s' is none of auto, off, count, keep, stacks", text);
		return -EINVAL;
	}
	*ret_settings = settings;
	return 0;
}
