// SPDX-License-Identifier: MIT
/* Settings from the environment: what they mean, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "suite/settings.h"

static void set(const char *name, const char *value)
{
	static const char *const names[] = {
		"GEMRACE_PROFILE", "GEMRACE_RACE_TIME", "GEMRACE_SEED",
		"GEMRACE_REPLAY",  "GEMRACE_PERTURB",   "GEMRACE_WALK",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	if (name)
		setenv(name, value, 1);
}

static struct suite_settings taken(const char *name, const char *value)
{
	struct suite_settings settings;
	char error[160] = "";

	set(name, value);
	if (suite_settings_read(getenv, 5, &settings, error, sizeof(error)))
		fail_msg("%s=%s: %s", name, value, error);
	return settings;
}

static void refused(const char *name, const char *value)
{
	struct suite_settings settings = { .seed = 77 };
	char error[160] = "";

	set(name, value);
	if (suite_settings_read(getenv, 5, &settings, error, sizeof(error)) != -EINVAL)
		fail_msg("%s=%s was taken", name, value);
	assert_int_equal(settings.seed, 77);
	assert_ptr_equal(strstr(error, name), error);
	assert_null(strchr(error, '\n'));
}

static void defaults(void **state)
{
	struct suite_settings settings = taken(NULL, NULL);

	assert_int_equal(settings.profile, SUITE_QUICK);
	assert_int_equal(settings.race_ms, 1000);
	assert_int_equal(settings.seed, 5);
	assert_null(settings.replay);
}

static void good_values(void **state)
{
	assert_int_equal(taken("GEMRACE_PROFILE", "full").race_ms, 5000);
	assert_int_equal(taken("GEMRACE_PROFILE", "soak").profile, SUITE_SOAK);
	assert_int_equal(taken("GEMRACE_RACE_TIME", "0.25").race_ms, 250);
	assert_int_equal(taken("GEMRACE_RACE_TIME", "60").race_ms, 60000);
	assert_int_equal(taken("GEMRACE_SEED", "0x10").seed, 16);
	assert_true(taken("GEMRACE_SEED", "18446744073709551615").seed == UINT64_MAX);
	assert_string_equal(taken("GEMRACE_REPLAY", "v=1,race=x,at=5").replay, "v=1,race=x,at=5");
	assert_string_equal(taken("GEMRACE_PERTURB", "all,!timer").perturb, "all,!timer");
	assert_null(taken("GEMRACE_REPLAY", "").replay);
	assert_string_equal(taken("GEMRACE_WALK", "a.export,a.close").walk, "a.export,a.close");
	assert_null(taken("GEMRACE_WALK", "").walk);
	assert_int_equal(taken("GEMRACE_CENSUS", "").census, SUITE_CENSUS_AUTO);
	assert_false(taken("GEMRACE_PROFILE", "quick").kmemleak);
	assert_true(taken("GEMRACE_PROFILE", "full").kmemleak);
	assert_true(taken("GEMRACE_KMEMLEAK", "on").kmemleak);
	assert_false(taken("GEMRACE_KMEMLEAK", "off").kmemleak);
	assert_int_equal(taken("GEMRACE_CENSUS", "stacks").census, SUITE_CENSUS_STACKS);
}

static void bad_values(void **state)
{
	refused("GEMRACE_PROFILE", "");
	refused("GEMRACE_PROFILE", "fast");
	refused("GEMRACE_RACE_TIME", "");
	refused("GEMRACE_RACE_TIME", "0");
	refused("GEMRACE_RACE_TIME", "-1");
	refused("GEMRACE_RACE_TIME", "2s");
	refused("GEMRACE_RACE_TIME", "nan");
	refused("GEMRACE_RACE_TIME", "inf");
	refused("GEMRACE_RACE_TIME", "1e9");
	refused("GEMRACE_SEED", "");
	refused("GEMRACE_SEED", "-1");
	refused("GEMRACE_SEED", "1x");
	refused("GEMRACE_SEED", "18446744073709551616");
	refused("GEMRACE_REPLAY", "x");
	refused("GEMRACE_PERTURB", "thymer");
	refused("GEMRACE_CENSUS", "on");
	refused("GEMRACE_KMEMLEAK", "yes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(good_values),
		cmocka_unit_test(bad_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
