/* SPDX-License-Identifier: MIT */
/* The conductor, lane 0: its life, and what it does once in a while. See attempt.h and clerk.h. */
#ifndef RACE_CONDUCT_H
#define RACE_CONDUCT_H

#include "race/control.h"
#include "race/cpus.h"
#include "race/perturb.h"
#include "race/search.h"

struct race_conductor {
	struct race_control *control;
	const struct race_scenario *scenario;
	const struct race_options *options;
	struct race_report *report;
	struct race_cpus cpus;
	struct race_search search;
	struct race_perturb perturb;
	struct race_ring bias[RACE_MAX_LANES]; /* achieved minus planned start, ns */
	double median_bias[RACE_MAX_LANES];
	double noise_ns;             /* robust sigma of achieved minus planned */
	struct race_aim aim;         /* of the attempt at hand */
	struct race_attempt attempt; /* the last one */
	bool took_place;             /* it did: every lane was set up */

	/* lane 0's own */
	uint64_t seq, beat;
	uint64_t end, epoch_end, announce_at; /* ticks */
	uint64_t next_turn;                   /* the first of them */
	uint64_t epoch;                       /* ticks */
	bool audit_due;
	struct race_flip announced; /* the place last announced */
	unsigned int turn;
};

/** The whole life of lane 0. */
void race_conduct(struct race_conductor *conductor);

/** After each attempt, while the clerk still waits for it to be settled: what is due then. */
void race_conduct_turn(struct race_conductor *conductor);

#endif
