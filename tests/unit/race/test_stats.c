// SPDX-License-Identifier: MIT
#include <math.h>

#include "cmocka_all.h"

#include "race/race.h"
#include "race/stats.h"

static int near(double value, double expected, double tolerance)
{
	return value > expected - tolerance && value < expected + tolerance;
}

static void quantiles_interpolate_and_survive_outliers(void **state)
{
	double five[] = { 5, 1, 4, 2, 1e9 };
	double one[] = { 7 };

	assert_true(near(race_quantile(five, 5, 0.5), 4, 1e-9));
	assert_true(near(race_quantile(five, 5, 0.0), 1, 1e-9));
	assert_true(near(race_quantile(five, 5, 0.125), 1.5, 1e-9));
	assert_true(near(race_quantile(one, 1, 0.9), 7, 1e-9));
}

static void ring_forgets_the_oldest(void **state)
{
	struct race_ring ring = { 0 };
	int i;

	assert_true(near(race_ring_quantile(&ring, 0.5), 0, 1e-9));
	for (i = 0; i < RACE_RING_SIZE; i++)
		race_ring_add(&ring, 1);
	for (i = 0; i < RACE_RING_SIZE; i++)
		race_ring_add(&ring, 3);
	assert_true(near(race_ring_quantile(&ring, 0.0), 3, 1e-9));
}

/* Against published values: the rule of three, and Clopper-Pearson tables. */
static void upper_bounds_match_the_tables(void **state)
{
	assert_true(near(race_upper_bound(0, 0), 1, 1e-9));
	assert_true(near(race_upper_bound(0, 1000), 3.0 / 1000, 1e-5));
	assert_true(near(race_upper_bound(0, 10), 0.2589, 1e-4));
	assert_true(near(race_upper_bound(1, 10), 0.3942, 1e-4));
	assert_true(near(race_upper_bound(5, 10), 0.7776, 1e-4));
	assert_true(near(race_upper_bound(10, 10), 1, 1e-9));
}

static void logarithms_are_near_enough(void **state)
{
	double x;

	for (x = 0.001; x < 1e9; x *= 1.37) {
		assert_true(fabs(race_log2_about(x) - log2(x)) < 0.09);
		assert_true(fabs(race_log2_about(race_exp2_about(log2(x))) - log2(x)) < 1e-6);
	}
}

static void skew_buckets_are_powers_of_two(void **state)
{
	assert_int_equal(race_skew_bucket(0), 32);
	assert_int_equal(race_skew_bucket(1), 33);
	assert_int_equal(race_skew_bucket(3), 34);
	assert_int_equal(race_skew_bucket(-1), 30);
	assert_int_equal(race_skew_bucket(INT64_MAX), 63);
	assert_int_equal(race_skew_bucket(INT64_MIN), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_interpolate_and_survive_outliers),
		cmocka_unit_test(ring_forgets_the_oldest),
		cmocka_unit_test(upper_bounds_match_the_tables),
		cmocka_unit_test(logarithms_are_near_enough),
		cmocka_unit_test(skew_buckets_are_powers_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
