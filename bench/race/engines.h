/* SPDX-License-Identifier: MIT */
/* The ways of racing that are compared: each runs one synthetic race until it hits the window. */
#ifndef BENCH_RACE_ENGINES_H
#define BENCH_RACE_ENGINES_H

#include "synthetic.h"

struct bench_run {
	bool hit;
	uint64_t attempts; /* calls of lane 1, each one chance */
	double ms;
	double sigma; /* of the alignment, in loops; 0: not known */
};

struct bench_engine {
	const char *name;
	/** Runs until the first hit, at most @max_ms. 0 or -errno. */
	int (*run)(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		   struct bench_run *ret_run);
};

/** This engine. */
int bench_run_gemrace(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run);

/** Two loops that know nothing of each other, as in most tests of the field. */
int bench_run_free(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		   struct bench_run *ret_run);

/** Two loops that meet at a spin barrier and start at once. */
int bench_run_barrier(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run);

/**
 * Meet at a spin barrier, then start at random delays, uniform over the measured overlap and a
 * tenth more: the idea of LTP's fuzzy sync, with its 1024 attempts of measuring first.
 */
int bench_run_uniform(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run);

#endif
