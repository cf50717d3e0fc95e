// SPDX-License-Identifier: MIT
#include <math.h>

#include "cmocka_all.h"
#include "race/flip.h"
#include "race/rng.h"

static struct race_rng rng;

static int start_rng(void **state)
{
	rng.state = 42;
	return 0;
}

/* Attempts over 0..1000 ns; @after where they start later than @flip. */
static void scatter(struct race_scatter *scatter, unsigned int n, double flip,
		    enum race_outcome before, enum race_outcome after)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		double at = race_rng_in(&rng, 0, 1000);

		race_scatter_add(scatter, at, at < flip ? before : after);
	}
}

static void a_clean_flip_is_found_in_its_gap(void **state)
{
	struct race_scatter dots = { 0 };
	struct race_threshold threshold;

	scatter(&dots, 50, 700, RACE_B_FIRST, RACE_A_FIRST);
	assert_int_equal(race_scatter_thresholds(&dots, &threshold, 1), 1);
	assert_int_equal(threshold.before, RACE_B_FIRST);
	assert_int_equal(threshold.after, RACE_A_FIRST);
	assert_true(fabs(threshold.at - 700) <= threshold.gap);
	assert_true(threshold.error < 1e-9);
}

static void either_direction_counts(void **state)
{
	struct race_scatter dots = { 0 };
	struct race_threshold threshold;

	scatter(&dots, 50, 300, RACE_BOTH, RACE_NEITHER);
	assert_int_equal(race_scatter_thresholds(&dots, &threshold, 1), 1);
	assert_int_equal(threshold.before, RACE_BOTH);
}

static void three_outcomes_in_a_row_give_their_flips(void **state)
{
	struct race_scatter dots = { 0 };
	struct race_threshold thresholds[RACE_MAX_FLIPS];
	unsigned int i, n;

	for (i = 0; i < 200; i++) {
		double at = race_rng_in(&rng, 0, 1000);

		race_scatter_add(&dots, at,
				 at < 400   ? RACE_B_FIRST
				 : at < 600 ? RACE_BOTH
					    : RACE_A_FIRST);
	}
	n = race_scatter_thresholds(&dots, thresholds, RACE_MAX_FLIPS);
	assert_int_equal(n, 3);
	for (i = 0; i < n; i++) {
		double at = thresholds[i].before == RACE_BOTH  ? 600
			    : thresholds[i].after == RACE_BOTH ? 400
							       : 500;

		/* b-first to a-first leaves the whole of both open */
		assert_true(fabs(thresholds[i].at - at) <= fmax(thresholds[i].gap, 20));
	}
}

static void mixed_outcomes_have_no_flip(void **state)
{
	struct race_scatter dots = { 0 };
	struct race_threshold threshold;
	unsigned int i;

	for (i = 0; i < 400; i++)
		race_scatter_add(&dots, race_rng_in(&rng, 0, 1000),
				 race_rng_below(&rng, 2) ? RACE_A_FIRST : RACE_B_FIRST);
	assert_int_equal(race_scatter_thresholds(&dots, &threshold, 1), 0);
}

static void one_outcome_or_an_accident_has_no_flip(void **state)
{
	struct race_scatter dots = { 0 };
	struct race_threshold threshold;

	assert_int_equal(race_scatter_thresholds(&dots, &threshold, 1), 0);
	scatter(&dots, 100, 2000, RACE_A_FIRST, RACE_B_FIRST);
	race_scatter_add(&dots, 990, RACE_B_FIRST);
	assert_int_equal(race_scatter_thresholds(&dots, &threshold, 1), 0);
}

static double gauss(double sigma)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += race_rng_unit(&rng);
	return (sum - 6) * sigma;
}

/* The place where a lane starts scatters by 20 ns; the kernel decides at @truth. */
static void step(struct race_tracker *tracker, double truth)
{
	double at = tracker->flip.at_ns + gauss(20);

	race_tracker_step(tracker, at, at < truth ? RACE_B_FIRST : RACE_A_FIRST, 20);
	race_tracker_count(tracker, at, at < truth ? RACE_B_FIRST : RACE_A_FIRST);
}

static void a_tracker_homes_in_and_follows(void **state)
{
	struct race_threshold threshold = {
		.before = RACE_B_FIRST, .after = RACE_A_FIRST, .at = 5000, .gap = 4000
	};
	struct race_tracker tracker;
	int i;

	race_tracker_init(&tracker, 1, &threshold, 20);
	for (i = 0; i < 60; i++)
		step(&tracker, 6234);
	assert_true(fabs(tracker.flip.at_ns - 6234) < 100);
	assert_false(race_tracker_approaching(&tracker));

	/* a drift far larger than the steps it has settled on */
	for (i = 0; i < 200; i++)
		step(&tracker, 9000);
	assert_true(fabs(tracker.flip.at_ns - 9000) < 100);
	assert_true(race_flip_found(&tracker.flip));
	assert_false(race_tracker_lost(&tracker));
	assert_true(tracker.flip.sigma_ns >= 20 && tracker.flip.sigma_ns < 200);
}

static void a_tracker_that_sees_one_side_only_is_lost(void **state)
{
	struct race_threshold threshold = {
		.before = RACE_B_FIRST, .after = RACE_A_FIRST, .at = 5000, .gap = 10
	};
	struct race_tracker tracker;
	int i;

	race_tracker_init(&tracker, 1, &threshold, 20);
	for (i = 0; i < 1000; i++)
		step(&tracker, 1e9);
	assert_true(race_tracker_lost(&tracker));
	assert_false(race_flip_found(&tracker.flip));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_clean_flip_is_found_in_its_gap, start_rng),
		cmocka_unit_test_setup(either_direction_counts, start_rng),
		cmocka_unit_test_setup(three_outcomes_in_a_row_give_their_flips, start_rng),
		cmocka_unit_test_setup(mixed_outcomes_have_no_flip, start_rng),
		cmocka_unit_test_setup(one_outcome_or_an_accident_has_no_flip, start_rng),
		cmocka_unit_test_setup(a_tracker_homes_in_and_follows, start_rng),
		cmocka_unit_test_setup(a_tracker_that_sees_one_side_only_is_lost, start_rng),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
