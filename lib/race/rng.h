/* SPDX-License-Identifier: MIT */
/* A small seeded generator (splitmix64): the plan must be the same for the same seed anywhere. */
#ifndef RACE_RNG_H
#define RACE_RNG_H

#include <stdint.h>

struct race_rng {
	uint64_t state;
};

static inline uint64_t race_rng_u64(struct race_rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/** Uniform in [0, 1). */
static inline double race_rng_unit(struct race_rng *rng)
{
	return (double)(race_rng_u64(rng) >> 11) * 0x1p-53;
}

/** Uniform in [lo, hi). */
static inline double race_rng_in(struct race_rng *rng, double lo, double hi)
{
	return lo + (hi - lo) * race_rng_unit(rng);
}

/** Uniform in [0, n); n > 0. The bias of the modulo is below 2^-50 for the n used here. */
static inline unsigned int race_rng_below(struct race_rng *rng, unsigned int n)
{
	return (unsigned int)(race_rng_u64(rng) % n);
}

#endif
