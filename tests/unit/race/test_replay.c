// SPDX-License-Identifier: MIT
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cmocka_all.h"
#include "race/replay.h"

static void a_place_survives_the_round_trip(void **state)
{
	struct race_replay place = {
		.race = "gem-flink_race@x",
		.seed = UINT64_MAX,
		.lanes = 3,
		.at = { 0, -123, 45678 },
		.off = { 0, 7, -8 },
		.from_flip = true,
		.sigma = 12.5,
		.perturb = "timer",
		.victim = 2,
		.phase = 345,
	};
	struct race_replay back;
	char text[RACE_LINE_SIZE];

	assert_int_equal(race_replay_format(&place, text, sizeof(text)), 0);
	assert_string_equal(text, "v=1,race=gem-flink_race@x,seed=18446744073709551615,"
				  "at=-123:45678,sigma=12.5,off=7:-8,perturb=timer:2:345");
	assert_int_equal(race_replay_parse(text, &back), 0);
	assert_string_equal(back.race, place.race);
	assert_true(back.seed == place.seed && back.lanes == 3 && back.from_flip);
	assert_true(fabs(back.at[2] - 45678) < 1 && fabs(back.off[1] - 7) < 1);
	assert_true(fabs(back.sigma - 12.5) < 0.01);
	assert_string_equal(back.perturb, "timer");
	assert_true(back.victim == 2 && fabs(back.phase - 345) < 1);
}

static void nonsense_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"hello",
		"v=2,race=x,at=1",
		"v=1,at=1",
		"v=1,race=x",
		"v=1,race=,at=1",
		"v=1,race=x,at=",
		"v=1,race=x,at=1:",
		"v=1,race=x,at=1:2:3:4",
		"v=1,race=x,at=1;2",
		"v=1,race=x,at=nan",
		"v=1,race=x,at=inf",
		"v=1,race=x,at=1e300",
		"v=1,race=x,at=1,off=1:2",
		"v=1,race=x,at=1,seed=",
		"v=1,race=x,at=1,seed=-1",
		"v=1,race=x,at=1,seed=1x",
		"v=1,race=x,at=1,sigma=-1",
		"v=1,race=x,at=1,perturb=averyverylongwordindeed:0:1",
		"v=1,race=x,at=1,perturb=timer",
		"v=1,race=x,at=1,perturb=timer:0",
		"v=1,race=x,at=1,perturb=timer:0:",
		"v=1,race=x,at=1,perturb=timer:2:5",
		"v=1,race=x,at=1,perturb=:0:1",
		"v=1,race=x,at=1,unknown=1",
	};
	struct race_replay replay;
	char huge[2 * RACE_LINE_SIZE];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		replay.lanes = 99;
		assert_int_equal(race_replay_parse(texts[i], &replay), -EINVAL);
		assert_int_equal(replay.lanes, 99); /* not touched */
	}
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_int_equal(race_replay_parse(huge, &replay), -EINVAL);
}

static void a_short_buffer_is_an_error(void **state)
{
	struct race_replay place = { .race = "x", .lanes = 2 };
	char text[8] = "before";

	assert_int_equal(race_replay_format(&place, text, sizeof(text)), -ENAMETOOLONG);
	assert_string_equal(text, "before");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_survives_the_round_trip),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_short_buffer_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
