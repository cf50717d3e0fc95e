/* SPDX-License-Identifier: MIT */
/*
 * A flip: the place where the outcome changes as one lane starts later. It is found as the best
 * threshold between two outcomes among scattered attempts, and then followed by a staircase, which
 * settles where both outcomes are equally likely and follows when timing drifts.
 */
#ifndef RACE_FLIP_H
#define RACE_FLIP_H

#include <stdbool.h>

#include "race/race.h"

/** The last attempts that were spread over the whole range, for one lane. */
#define RACE_SCATTER_SIZE 512
struct race_scatter {
	struct race_dot {
		double at;
		unsigned char outcome;
	} dots[RACE_SCATTER_SIZE];
	uint64_t count;
};

void race_scatter_add(struct race_scatter *scatter, double at, enum race_outcome outcome);

/** The best threshold with @before on its left and @after on its right. */
struct race_threshold {
	enum race_outcome before, after;
	double at;
	double gap;   /**< between the dots on either side: how well it is known */
	double error; /**< share of dots on the wrong side, both outcomes weighing the same: 0..1 */
};

/**
 * All thresholds that explain the dots, at most @max, best first. Returns how many. Two outcomes
 * that are merely mixed have none.
 */
unsigned int race_scatter_thresholds(const struct race_scatter *scatter,
				     struct race_threshold *ret_thresholds, unsigned int max);

struct race_tracker {
	struct race_flip flip;
	double step;
	double step_max;
	double spread;    /* of outcomes on the wrong side, ns */
	bool reached;     /* the steps were once as small as the noise */
	int last;         /* direction of the last step */
	double recent[2]; /* fading counts of both outcomes among the steps */
	uint64_t steps;
};

void race_tracker_init(struct race_tracker *tracker, unsigned int lane,
		       const struct race_threshold *threshold, double noise);

/** Learns from an attempt made at the tracker's own place. */
void race_tracker_step(struct race_tracker *tracker, double at, enum race_outcome outcome,
		       double noise);

/** Still halving the gap it was found in: every attempt at its place is worth most. */
bool race_tracker_approaching(const struct race_tracker *tracker);

/** Any aligned attempt: true when it was within five sigma of the flip. */
bool race_tracker_count(struct race_tracker *tracker, double at, enum race_outcome outcome);

/** A flip that shows one outcome only, however long it is looked at, is none. */
bool race_tracker_lost(const struct race_tracker *tracker);

/** Both outcomes were seen around it, again and again. */
bool race_flip_found(const struct race_flip *flip);

#endif
