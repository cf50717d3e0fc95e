/* SPDX-License-Identifier: MIT */
/*
 * Where to aim next. Pure arithmetic on what attempts returned: no clock, no threads, so that it
 * can be tested against races that are only simulated.
 *
 * First some attempts without delay, for the durations; then a survey of the whole overlap; then
 * most attempts around the flips it showed, and a part uniformly over the overlap for ever, since
 * a window need not lie at a flip, and since flips move and new ones show.
 *
 * All positions are ns from lane 0's start to the start of another lane, as achieved.
 */
#ifndef RACE_SEARCH_H
#define RACE_SEARCH_H

#include "race/flip.h"
#include "race/race.h"
#include "race/replay.h"
#include "race/rng.h"
#include "race/stats.h"

#define RACE_STRATA 192
#define RACE_HOT    8

/** How a lane's start was chosen. */
enum race_mode {
	RACE_AT_ZERO,   /* calibration: no delay */
	RACE_AT_LARGE,  /* uniform over the range */
	RACE_AT_STEP,   /* at a flip; the tracker steps */
	RACE_AT_FLIP,   /* around a flip, on all scales from its sigma to the range */
	RACE_AT_HOT,    /* around an attempt that was in the window */
	RACE_AT_REPLAY, /* around the place to go back to */
};

/** What the search wants from one attempt. [0], lane 0's own, is 0 and not used. */
struct race_aim {
	double target[RACE_MAX_LANES];
	enum race_mode mode[RACE_MAX_LANES];
	unsigned int tracker[RACE_MAX_LANES]; /* RACE_AT_STEP, RACE_AT_FLIP */
	bool disturbed;                       /* perturbed: its timing and order teach nothing */
};

/** What the attempt gave. [0] of start is 0. */
struct race_seen {
	enum race_outcome outcome; /* which side */
	bool in_window;
	double start[RACE_MAX_LANES];
	double duration[RACE_MAX_LANES];
};

struct race_search {
	struct race_rng rng;
	unsigned int nlanes;
	double noise; /* sigma of achieved minus target */
	uint64_t observed;
	uint64_t surveyed;
	uint64_t next_fit;
	struct race_ring duration[RACE_MAX_LANES];
	double median[RACE_MAX_LANES];
	double range[RACE_MAX_LANES][2];
	double stretch; /* of the range, while no flip shows */
	unsigned char strata[RACE_MAX_LANES][RACE_STRATA];
	unsigned int stratum[RACE_MAX_LANES];
	struct race_scatter scatter[RACE_MAX_LANES];
	struct race_tracker trackers[RACE_MAX_FLIPS];
	unsigned int ntrackers;
	double hot[RACE_HOT][RACE_MAX_LANES];
	uint64_t nhot;
	struct race_replay replay; /* .lanes is 0: nothing to go back to */
};

/** @replay may be NULL. */
void race_search_init(struct race_search *search, unsigned int nlanes, uint64_t seed,
		      const struct race_replay *replay);
void race_search_aim(struct race_search *search, struct race_aim *ret_aim);

/** Learns from an aligned attempt. Returns whether it was within five sigma of a flip. */
bool race_search_observe(struct race_search *search, const struct race_aim *aim,
			 const struct race_seen *seen);

/** Measures the range and looks for flips again: once an epoch. */
void race_search_recalibrate(struct race_search *search);

/** The flip nearest to @at for @lane, or NULL. */
const struct race_flip *race_search_nearest(const struct race_search *search, unsigned int lane,
					    double at);

#endif
