/* SPDX-License-Identifier: MIT */
/*
 * Where to aim next. Pure arithmetic on what attempts returned: no clock, no threads, so that it
 * can be tested against races that are only simulated.
 *
 * All positions are ns from lane 0's start to the start of another lane, as achieved.
 */
#ifndef RACE_SEARCH_H
#define RACE_SEARCH_H

#include "race/race.h"
#include "race/rng.h"
#include "race/stats.h"

struct race_search {
	struct race_rng rng;
	unsigned int nlanes;
	uint64_t observed;
	struct race_ring duration[RACE_MAX_LANES];
	double median[RACE_MAX_LANES];	  /* of the durations */
	double range[RACE_MAX_LANES][2]; /* swept; [0] unused */
};

/** What the search wants from one attempt. */
struct race_aim {
	double target[RACE_MAX_LANES]; /* [0] is 0 */
};

/** What the attempt gave. */
struct race_seen {
	enum race_outcome outcome;
	double start[RACE_MAX_LANES]; /* achieved; [0] is 0 */
	double duration[RACE_MAX_LANES];
};

void race_search_init(struct race_search *search, unsigned int nlanes, uint64_t seed);
void race_search_aim(struct race_search *search, struct race_aim *ret_aim);
void race_search_observe(struct race_search *search, const struct race_aim *aim,
			 const struct race_seen *seen);

#endif
