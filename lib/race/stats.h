/* SPDX-License-Identifier: MIT */
/* The few statistics the engine lives on: all robust, since interrupts make wild outliers. */
#ifndef RACE_STATS_H
#define RACE_STATS_H

#include <stddef.h>
#include <stdint.h>

/** The @q quantile (0..1) of @n > 0 values, which are sorted in place. */
double race_quantile(double *values, size_t n, double q);

/**
 * Binary logarithm and power, within 0.09 of the exponent: to choose a scale at random with, once
 * per attempt, where the library's cost microseconds under emulation. @x > 0 and normal.
 */
double race_log2_about(double x);
double race_exp2_about(double x);

/** Takes the distance between the quartiles to a sigma that outliers do not touch. */
#define RACE_SIGMA_OF_IQR 0.7413

/** The last @RACE_RING_SIZE values of something. */
#define RACE_RING_SIZE 128
struct race_ring {
	double values[RACE_RING_SIZE];
	uint64_t count;
};

void race_ring_add(struct race_ring *ring, double value);

/** The @q quantile of what is in the ring; 0 when it is empty. */
double race_ring_quantile(const struct race_ring *ring, double q);

/** Lower quartile, median and upper quartile with one sort; all 0 when it is empty. */
void race_ring_quartiles(const struct race_ring *ring, double ret_quartiles[3]);

/**
 * Upper bound of a probability at 95 % (Clopper-Pearson, one-sided) after @hits in @n tries.
 * 1 when @n is 0. For no hits it is about 3/n.
 */
double race_upper_bound(uint64_t hits, uint64_t n);

/** The bucket of race_report.skew that @ns falls into. */
unsigned int race_skew_bucket(int64_t ns);

#endif
