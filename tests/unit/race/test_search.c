// SPDX-License-Identifier: MIT
/*
 * The search against races that are only computed: virtual time, virtual noise, fixed seeds. The
 * bounds are far from what is typical, near enough to fail when the search stops searching.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "race/search.h"

/* Lane 0 is in its window from @at to @at + @width; lane 1 looks at once. All in ns. */
struct virtual_race {
	double at, width;
	double flip; /* where the order is decided */
	double duration[RACE_MAX_LANES];
	double noise;
	double drift; /* of window and flip, per attempt */
	/* with three lanes: the window only opens when lane 2 has gone before it */
	bool third;
	struct race_rng rng;
};

struct run {
	uint64_t first_hit; /* 0: none */
	uint64_t hits, near, attempts;
};

static double gauss(struct race_rng *rng, double sigma)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += race_rng_unit(rng);
	return (sum - 6) * sigma;
}

static void run(struct race_search *search, struct virtual_race *race, uint64_t attempts,
		struct run *ret)
{
	struct race_aim aim;
	struct race_seen seen;
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	search->noise = race->noise;
	while (ret->attempts < attempts) {
		bool hit;

		race_search_aim(search, &aim);
		memset(&seen, 0, sizeof(seen));
		for (i = 0; i < search->nlanes; i++) {
			if (i)
				seen.start[i] = aim.target[i] + gauss(&race->rng, race->noise);
			seen.duration[i] = race->duration[i];
		}
		hit = seen.start[1] >= race->at && seen.start[1] < race->at + race->width &&
		      (!race->third || seen.start[2] < seen.start[1]);
		seen.outcome = seen.start[1] < race->flip ? RACE_B_FIRST : RACE_A_FIRST;
		ret->attempts++;
		ret->near += race_search_observe(search, &aim, &seen);
		ret->hits += hit;
		if (hit && !ret->first_hit)
			ret->first_hit = ret->attempts;
		race->at += race->drift;
		race->flip += race->drift;
	}
}

static uint64_t first_hit(const struct virtual_race *race, unsigned int nlanes, uint64_t seed,
			  uint64_t attempts)
{
	struct race_search *search = malloc(sizeof(*search));
	struct virtual_race copy = *race;
	struct run result;

	assert_non_null(search);
	copy.rng.state = seed * 7919;
	race_search_init(search, nlanes, seed, NULL);
	run(search, &copy, attempts, &result);
	free(search);
	return result.first_hit;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Median of the first hits over 21 seeds; a miss is worse than any hit. */
static uint64_t median_hit(const struct virtual_race *race, unsigned int nlanes, uint64_t attempts)
{
	uint64_t hits[21];
	int i;

	for (i = 0; i < 21; i++) {
		hits[i] = first_hit(race, nlanes, (uint64_t)i + 1, attempts);
		if (!hits[i])
			hits[i] = UINT64_MAX;
	}
	qsort(hits, 21, sizeof(hits[0]), compare);
	return hits[10];
}

static void wide_windows_need_a_handful(void **state)
{
	struct virtual_race race = {
		.at = 2000, .width = 3000, .flip = 5000, .duration = { 6000, 300 }, .noise = 20
	};

	assert_in_range(median_hit(&race, 2, 1000), 1, 20);
}

static void one_instruction_at_any_position(void **state)
{
	static const double positions[] = { 50, 1000, 5000, 9900 };
	size_t i;

	for (i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		struct virtual_race race = {
			.at = positions[i],
			.width = 0.4,
			.flip = positions[i],
			.duration = { 10000, 300 },
			.noise = 20,
		};

		/* uniformly it would be 8000 and more */
		assert_in_range(median_hit(&race, 2, 20000), 1, 2000);
	}
}

/* Just before the flip, or just after it: only that order ever opens it. */
static void windows_that_one_order_opens(void **state)
{
	struct virtual_race before = {
		.at = 4995, .width = 5, .flip = 5000, .duration = { 10000, 300 }, .noise = 20
	};
	struct virtual_race after = before;

	after.at = 5000;
	/* uniformly it would be 1400 */
	assert_in_range(median_hit(&before, 2, 20000), 1, 300);
	assert_in_range(median_hit(&after, 2, 20000), 1, 300);
}

static void lead_in_far_longer_than_the_window(void **state)
{
	struct virtual_race race = {
		.at = 900000, .width = 20, .flip = 900000, .duration = { 1000000, 500 }, .noise = 50
	};

	/* uniformly it would be 38000 */
	assert_in_range(median_hit(&race, 2, 20000), 1, 1000);
}

static void a_window_away_from_the_flip_is_still_found(void **state)
{
	struct virtual_race race = {
		.at = 3000, .width = 100, .flip = 8000, .duration = { 10000, 500 }, .noise = 20
	};

	/* uniformly it would be 80 */
	assert_in_range(median_hit(&race, 2, 20000), 1, 800);
}

static void most_attempts_are_near_the_flip(void **state)
{
	struct virtual_race race = {
		.at = 3000, .flip = 3000, .duration = { 10000, 500 }, .noise = 100
	};
	struct race_search *search = malloc(sizeof(*search));
	struct run result;

	assert_non_null(search);
	race_search_init(search, 2, 5, NULL);
	run(search, &race, 10000, &result);
	assert_true(result.near * 2 >= result.attempts);
	assert_int_equal(search->ntrackers, 1);
	assert_true(fabs(search->trackers[0].flip.at_ns - 3000) < 100);
	free(search);
}

static void drift_is_followed(void **state)
{
	struct virtual_race race = {
		.at = 3000,
		.width = 1,
		.flip = 3000,
		.duration = { 10000, 500 },
		.noise = 20,
		.drift = 0.1,
	};
	struct race_search *search = malloc(sizeof(*search));
	struct run result;

	assert_non_null(search);
	race_search_init(search, 2, 5, NULL);
	run(search, &race, 50000, &result);
	assert_true(fabs(search->trackers[0].flip.at_ns - race.flip) < 100);
	/* uniformly it would be 5 */
	assert_true(result.hits > 50);
	free(search);
}

static void three_lanes(void **state)
{
	struct virtual_race race = {
		.at = 4000,
		.width = 20,
		.flip = 4000,
		.duration = { 8000, 500, 2000 },
		.noise = 30,
		.third = true,
	};

	assert_in_range(median_hit(&race, 3, 20000), 1, 2000);
}

static void where_nothing_flips_no_flip_is_claimed(void **state)
{
	struct virtual_race race = {
		.at = 1e9, .flip = 1e9, .duration = { 1000, 1000 }, .noise = 20
	};
	struct race_search *search = malloc(sizeof(*search));
	struct run result;

	assert_non_null(search);
	race_search_init(search, 2, 1, NULL);
	run(search, &race, 5000, &result);
	assert_int_equal(search->ntrackers, 0);
	assert_int_equal(result.near, 0);
	/* it has looked further out than the calls overlap */
	assert_true(search->stretch > 1);
	free(search);
}

static void a_seed_repeats_the_plan(void **state)
{
	struct virtual_race race = {
		.at = 3000, .width = 1, .flip = 3000, .duration = { 10000, 500 }, .noise = 20
	};

	assert_int_equal(first_hit(&race, 2, 77, 100000), first_hit(&race, 2, 77, 100000));
	assert_int_not_equal(first_hit(&race, 2, 77, 100000), first_hit(&race, 2, 78, 100000));
}

/* The window is at no flip at all: nothing but the replay can lead there. */
static void a_replay_goes_back_in_a_tenth(void **state)
{
	struct virtual_race race = {
		.at = 600000, .width = 30, .flip = 1e12, .duration = { 1000000, 500 }, .noise = 20
	};
	uint64_t original = first_hit(&race, 2, 3, 1000000);
	struct race_replay replay = { .lanes = 2, .at = { 0, 600010 }, .sigma = 20 };
	struct race_search *search = malloc(sizeof(*search));
	struct run result;

	assert_non_null(search);
	assert_true(original > 1000);
	race_search_init(search, 2, 3, &replay);
	run(search, &race, original / 10, &result);
	assert_int_not_equal(result.first_hit, 0);
	free(search);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_windows_need_a_handful),
		cmocka_unit_test(one_instruction_at_any_position),
		cmocka_unit_test(windows_that_one_order_opens),
		cmocka_unit_test(lead_in_far_longer_than_the_window),
		cmocka_unit_test(a_window_away_from_the_flip_is_still_found),
		cmocka_unit_test(most_attempts_are_near_the_flip),
		cmocka_unit_test(drift_is_followed),
		cmocka_unit_test(three_lanes),
		cmocka_unit_test(where_nothing_flips_no_flip_is_claimed),
		cmocka_unit_test(a_seed_repeats_the_plan),
		cmocka_unit_test(a_replay_goes_back_in_a_tenth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
