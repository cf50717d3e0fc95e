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

double race_quantile(double *values, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t lo = (size_t)at;

	qsort(values, n, sizeof(*values), compare);
	if (lo + 1 >= n)
		return values[n - 1];
	return values[lo] + (at - (double)lo) * (values[lo + 1] - values[lo]);
}

void race_ring_add(struct race_ring *ring, double value)
{
	ring->values[ring->count++ % RACE_RING_SIZE] = value;
}

double race_ring_quantile(const struct race_ring *ring, double q)
{
	size_t n = ring->count < RACE_RING_SIZE ? ring->count : RACE_RING_SIZE;
	double copy[RACE_RING_SIZE];

	if (!n)
		return 0;
	memcpy(copy, ring->values, n * sizeof(*copy));
	return race_quantile(copy, n, q);
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

unsigned int race_skew_bucket(double ns)
{
	double size = ns < 0 ? -ns : ns;
	unsigned int k = 0;

	while (size >= 1 && k < RACE_SKEW_BUCKETS / 2 - 1) {
		size /= 2;
		k++;
	}
	return ns < 0 ? RACE_SKEW_BUCKETS / 2 - 1 - k : RACE_SKEW_BUCKETS / 2 + k;
}
