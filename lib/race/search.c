// SPDX-License-Identifier: MIT
#include "race/search.h"

#include <string.h>

/* attempts at zero delay that the first durations are taken from */
#define CALIBRATION 64

/* beyond the overlap, so that both orders are seen even for calls of a few ns */
#define MARGIN_NS 300

void race_search_init(struct race_search *search, unsigned int nlanes, uint64_t seed)
{
	memset(search, 0, sizeof(*search));
	search->rng.state = seed;
	search->nlanes = nlanes;
}

void race_search_aim(struct race_search *search, struct race_aim *ret_aim)
{
	unsigned int i;

	memset(ret_aim, 0, sizeof(*ret_aim));
	if (search->observed < CALIBRATION)
		return;
	for (i = 1; i < search->nlanes; i++)
		ret_aim->target[i] =
			race_rng_in(&search->rng, search->range[i][0], search->range[i][1]);
}

static void measure(struct race_search *search)
{
	unsigned int i;

	for (i = 0; i < search->nlanes; i++) {
		search->median[i] = race_ring_quantile(&search->duration[i], 0.5);
		search->range[i][0] = -1.1 * search->median[i] - MARGIN_NS;
		search->range[i][1] = 1.1 * search->median[0] + MARGIN_NS;
	}
}

void race_search_observe(struct race_search *search, const struct race_aim *aim,
			 const struct race_seen *seen)
{
	unsigned int i;

	for (i = 0; i < search->nlanes; i++)
		race_ring_add(&search->duration[i], seen->duration[i]);
	search->observed++;
	if (search->observed % CALIBRATION == 0)
		measure(search);
}
