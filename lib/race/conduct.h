/* SPDX-License-Identifier: MIT */
/* Lane 0: it plans, sets up, races like the others, and judges. */
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
	double noise_ns;     /* robust sigma of achieved minus planned */
	struct race_aim aim; /* of the attempt at hand */
	uint64_t seq;
	uint64_t begin_ns, end_ns, epoch_ns, epoch_end_ns; /* race_clock_ns() */
	struct race_flip announced;                        /* the place last announced */
	uint64_t announce_ns;
	unsigned int turn;
};

/** The whole life of lane 0. */
void race_conduct(struct race_conductor *conductor);

/** Gives out the orders for one more attempt that only meets or spins, and takes part in it. */
bool race_conduct_dry(struct race_conductor *conductor, enum race_task task);

/** From here on lanes are taken to start @bias ns later than planned, give or take @noise. */
void race_conduct_align(struct race_conductor *conductor, double bias, double noise);

/** Sets the orders' delays so that the lanes start at @target (ns after lane 0). */
void race_conduct_delays(struct race_conductor *conductor, const double *target);

#endif
