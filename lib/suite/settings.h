/* SPDX-License-Identifier: MIT */
#ifndef SUITE_SETTINGS_H
#define SUITE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum suite_profile {
	SUITE_QUICK,
	SUITE_FULL,
	SUITE_SOAK,
};

enum suite_census_mode {
	SUITE_CENSUS_AUTO, /**< count if the counters are in place already */
	SUITE_CENSUS_OFF,
	SUITE_CENSUS_COUNT,  /**< put the counters in place, remove them at the end */
	SUITE_CENSUS_KEEP,   /**< put them in place and leave them for the next test */
	SUITE_CENSUS_STACKS, /**< count, and note where every object was made */
};

/** What the environment asks of every test. igt_runner hands it on (-e). */
struct suite_settings {
	enum suite_profile profile;
	uint64_t race_ms;    /**< time for each race */
	uint64_t seed;       /**< of every plan */
	const char *replay;  /**< borrowed from the environment, or NULL */
	const char *perturb; /**< the same */
	const char *walk;    /**< the same */
	enum suite_census_mode census;
	bool kmemleak; /**< ask it after each subtest, where the kernel has it */
};

/** One variable of the environment, or NULL: getenv() in all but the unit test. */
typedef char *suite_getenv(const char *name);

/**
 * Reads the settings:
 *
 *	GEMRACE_PROFILE    quick (1 s a race, the default), full (5 s), soak (60 s)
 *	GEMRACE_RACE_TIME  seconds for each race, instead of the profile's; fractions are fine
 *	GEMRACE_SEED       a number, decimal or 0x...; @default_seed without it
 *	GEMRACE_REPLAY     the replay line of a failed race
 *	GEMRACE_PERTURB    which perturbations a race may use: all, none, or names as in its
 *	                   evidence, with commas, '!' to leave one out
 *	GEMRACE_WALK       the steps of a failed walk; each test knows its own (suite/walk.h)
 *	GEMRACE_KMEMLEAK   on or off: whether kmemleak is asked after each subtest, where the kernel
 *	                   has it; it takes several seconds. Else: on but for the profile quick
 *	GEMRACE_CENSUS     auto, off, count, keep or stacks: see enum suite_census_mode
 *
 * Returns 0, or -EINVAL with one line without newline in @error.
 */
int suite_settings_read(suite_getenv *get, uint64_t default_seed,
			struct suite_settings *ret_settings, char *error, size_t error_size);

#endif
