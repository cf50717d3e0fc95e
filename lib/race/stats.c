// SPDX-License-Identifier: MIT
#include "race/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "race/race.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double of_sorted(const double *values, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t lo = (size_t)at;

	if (lo + 1 >= n)
		return values[n - 1];
	return values[lo] + (at - (double)lo) * (values[lo + 1] - values[lo]);
}

double race_quantile(double *values, size_t n, double q)
{
	qsort(values, n, sizeof(*values), compare);
	return of_sorted(values, n, q);
}

void race_ring_add(struct race_ring *ring, double value)
{
	ring->values[ring->count++ % RACE_RING_SIZE] = value;
}

static size_t sorted(const struct race_ring *ring, double *copy)
{
	size_t n = ring->count < RACE_RING_SIZE ? ring->count : RACE_RING_SIZE;

	memcpy(copy, ring->values, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), compare);
	return n;
}

double race_ring_quantile(const struct race_ring *ring, double q)
{
	double copy[RACE_RING_SIZE];
	size_t n = sorted(ring, copy);

	return n ? of_sorted(copy, n, q) : 0;
}

void race_ring_quartiles(const struct race_ring *ring, double ret_quartiles[3])
{
	double copy[RACE_RING_SIZE];
	size_t n = sorted(ring, copy);
	int i;

	for (i = 0; i < 3; i++)
		ret_quartiles[i] = n ? of_sorted(copy, n, 0.25 * (i + 1)) : 0;
}

/* P(X <= hits) for X binomial(n, p) */
static double binomial_cdf(uint64_t hits, uint64_t n, double p)
{
	double sum = 0;
	uint64_t k;

	for (k = 0; k <= hits && k <= n; k++)
		sum += exp(lgamma((double)n + 1) - lgamma((double)k + 1) -
			   lgamma((double)(n - k) + 1) + (double)k * log(p) +
			   (double)(n - k) * log1p(-p));
	return sum;
}

double race_upper_bound(uint64_t hits, uint64_t n)
{
	double lo = 0, hi = 1;
	int i;

	if (!n || hits >= n)
		return 1;
	if (!hits)
		return -expm1(log(0.05) / (double)n);
	lo = (double)hits / (double)n;
	for (i = 0; i < 60; i++) {
		double mid = (lo + hi) / 2;

		if (binomial_cdf(hits, n, mid) > 0.05)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

unsigned int race_skew_bucket(int64_t ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	unsigned int k = size ? 64 - (unsigned int)__builtin_clzll(size) : 0;

	if (k > RACE_SKEW_BUCKETS / 2 - 1)
		k = RACE_SKEW_BUCKETS / 2 - 1;
	return ns < 0 ? RACE_SKEW_BUCKETS / 2 - 1 - k : RACE_SKEW_BUCKETS / 2 + k;
}

/* The bits of a double are its logarithm, but for the bend between two powers of two. */
#define MANTISSA 0x1p52
#define BIAS     1023

double race_log2_about(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return (double)(int64_t)bits * (1 / MANTISSA) - BIAS;
}

double race_exp2_about(double x)
{
	uint64_t bits = (uint64_t)(int64_t)((x + BIAS) * MANTISSA);
	double power;

	memcpy(&power, &bits, sizeof(power));
	return power;
}
