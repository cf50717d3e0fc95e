// SPDX-License-Identifier: MIT
#include "race/search.h"

#include <math.h>
#include <string.h>

/* attempts at zero delay: the first durations come from it, better ones soon after */
#define CALIBRATION 1

/* attempts spread over the range before the first look for flips; then doubling up to this */
#define FIRST_FIT 6
#define REFIT     256

/* beyond the overlap, so that both orders are seen even for calls of a few ns */
#define MARGIN_NS    30
#define MARGIN_NOISE 3

/* shares of the attempts once there is something to aim at; the rest goes to the flips */
#define SHARE_REPLAY 0.6
#define SHARE_LARGE  0.25
#define SHARE_HOT    0.15
/* spread out at first, since a wide window away from the flips is hit soon or was not there */
#define SHARE_EARLY 0.6
#define EARLY       48
/* of those at a flip that is still being approached, and of those at one that is reached */
#define SHARE_APPROACH 0.9
#define SHARE_STEP     0.5

/* steps are spread by this much only: the noise of the alignment does the rest */
#define STEP_SIGMA 0.25

/* while no flip shows, every other attempt looks this much further out, up to a limit */
#define STRETCH     1.5
#define STRETCH_MAX 16

void race_search_init(struct race_search *search, unsigned int nlanes, uint64_t seed,
		      const struct race_replay *replay)
{
	unsigned int i, k;

	memset(search, 0, sizeof(*search));
	search->rng.state = seed;
	search->nlanes = nlanes;
	search->stretch = 1;
	search->next_fit = FIRST_FIT;
	if (replay)
		search->replay = *replay;
	for (i = 0; i < RACE_MAX_LANES; i++) {
		for (k = 0; k < RACE_STRATA; k++)
			search->strata[i][k] = (unsigned char)k;
		search->stratum[i] = RACE_STRATA;
	}
}

/* Uniform over the range, in shuffled strata: even after few attempts no part is left out. */
static double at_large(struct race_search *search, unsigned int lane)
{
	const double *range = search->range[lane];
	unsigned char *strata = search->strata[lane];
	double width = (range[1] - range[0]) / RACE_STRATA;
	double at;
	unsigned int k;

	if (search->stratum[lane] == RACE_STRATA) {
		for (k = RACE_STRATA - 1; k > 0; k--) {
			unsigned int other = race_rng_below(&search->rng, k + 1);
			unsigned char swap = strata[k];

			strata[k] = strata[other];
			strata[other] = swap;
		}
		search->stratum[lane] = 0;
	}
	at = range[0] + (strata[search->stratum[lane]++] + race_rng_unit(&search->rng)) * width;
	if (search->stretch > 1 && race_rng_below(&search->rng, 2))
		at = (range[0] + range[1]) / 2 + (at - (range[0] + range[1]) / 2) * search->stretch;
	return at;
}

/*
 * Around @at on all scales from @sigma to the range: nobody knows how far from the flip the window
 * lies, only that near is likelier than far.
 */
static double around(struct race_search *search, unsigned int lane, double at, double sigma)
{
	double span = (search->range[lane][1] - search->range[lane][0]) / 2;
	double octaves = fmax(race_log2_about(fmax(span, 1)) - race_log2_about(fmax(sigma, 1)), 1);
	double u = race_rng_unit(&search->rng);
	double scale = sigma * race_exp2_about(u * u * octaves);

	return at + race_rng_in(&search->rng, -scale, scale);
}

static bool pick_tracker(struct race_search *search, unsigned int lane, unsigned int *ret_tracker)
{
	unsigned int of_lane[RACE_MAX_FLIPS], n = 0, i;

	for (i = 0; i < search->ntrackers; i++)
		if (search->trackers[i].flip.lane == lane)
			of_lane[n++] = i;
	if (!n)
		return false;
	*ret_tracker = of_lane[race_rng_below(&search->rng, n)];
	return true;
}

static void aim_large(struct race_search *search, unsigned int lane, struct race_aim *aim)
{
	aim->mode[lane] = RACE_AT_LARGE;
	aim->target[lane] = at_large(search, lane);
}

static void aim_flip(struct race_search *search, unsigned int lane, struct race_aim *aim)
{
	const struct race_tracker *tracker;
	const struct race_flip *flip;
	bool approaching;

	if (!pick_tracker(search, lane, &aim->tracker[lane])) {
		aim_large(search, lane, aim);
		return;
	}
	tracker = &search->trackers[aim->tracker[lane]];
	flip = &tracker->flip;
	approaching = race_tracker_approaching(tracker);
	if (race_rng_unit(&search->rng) < (approaching ? SHARE_APPROACH : SHARE_STEP)) {
		aim->mode[lane] = RACE_AT_STEP;
		aim->target[lane] = flip->at_ns;
		if (!approaching)
			aim->target[lane] += race_rng_in(&search->rng, -STEP_SIGMA, STEP_SIGMA) *
					     flip->sigma_ns;
	} else {
		aim->mode[lane] = RACE_AT_FLIP;
		aim->target[lane] = around(search, lane, flip->at_ns, flip->sigma_ns);
	}
}

static void aim_hot(struct race_search *search, unsigned int lane, struct race_aim *aim,
		    unsigned int which)
{
	aim->mode[lane] = RACE_AT_HOT;
	aim->target[lane] = search->hot[which][lane] +
			    race_rng_in(&search->rng, -2, 2) * fmax(search->noise, 1);
}

/* Absolute, or as far from the flip as it was then: timing differs from boot to boot. */
static void aim_replay(struct race_search *search, unsigned int lane, struct race_aim *aim)
{
	const struct race_replay *replay = &search->replay;
	const struct race_flip *flip;
	double at = replay->at[lane];
	unsigned int tracker;

	if (replay->from_flip && race_rng_below(&search->rng, 2) &&
	    pick_tracker(search, lane, &tracker)) {
		flip = &search->trackers[tracker].flip;
		at = flip->at_ns + replay->off[lane];
	}
	aim->mode[lane] = RACE_AT_REPLAY;
	aim->target[lane] = around(search, lane, at, fmax(replay->sigma, search->noise));
}

void race_search_aim(struct race_search *search, struct race_aim *ret_aim)
{
	double u = race_rng_unit(&search->rng);
	double share_hot = search->nhot ? SHARE_HOT : 0;
	double share_large = search->observed < EARLY ? SHARE_EARLY : SHARE_LARGE;
	unsigned int hot = 0, i;
	bool replays;

	memset(ret_aim, 0, sizeof(*ret_aim));
	if (search->observed < CALIBRATION)
		return;
	replays = search->replay.lanes == search->nlanes &&
		  race_rng_unit(&search->rng) < SHARE_REPLAY;
	if (search->nhot)
		hot = race_rng_below(&search->rng, search->nhot < RACE_HOT
							   ? (unsigned int)search->nhot
							   : RACE_HOT);
	for (i = 1; i < search->nlanes; i++) {
		if (replays)
			aim_replay(search, i, ret_aim);
		else if (u < share_hot)
			aim_hot(search, i, ret_aim, hot);
		else if (u < share_hot + share_large)
			aim_large(search, i, ret_aim);
		else
			aim_flip(search, i, ret_aim);
	}
}

static void measure(struct race_search *search)
{
	double margin = MARGIN_NS + MARGIN_NOISE * search->noise;
	unsigned int i;

	for (i = 0; i < search->nlanes; i++) {
		search->median[i] = race_ring_quantile(&search->duration[i], 0.5);
		search->range[i][0] = -1.1 * search->median[i] - margin;
		search->range[i][1] = 1.1 * search->median[0] + margin;
	}
	search->range[0][0] = search->range[0][1] = 0;
}

static bool known(const struct race_search *search, unsigned int lane,
		  const struct race_threshold *threshold)
{
	unsigned int i;

	for (i = 0; i < search->ntrackers; i++) {
		const struct race_flip *flip = &search->trackers[i].flip;

		if (flip->lane != lane)
			continue;
		if (flip->before == threshold->before && flip->after == threshold->after)
			return true;
		if (fabs(flip->at_ns - threshold->at) < 2 * flip->sigma_ns + threshold->gap)
			return true;
	}
	return false;
}

static void find_flips(struct race_search *search)
{
	struct race_threshold thresholds[RACE_MAX_FLIPS];
	unsigned int lane, n, i;

	for (i = 0; i < search->ntrackers;) {
		if (race_tracker_lost(&search->trackers[i]))
			search->trackers[i] = search->trackers[--search->ntrackers];
		else
			i++;
	}
	for (lane = 1; lane < search->nlanes; lane++) {
		n = race_scatter_thresholds(&search->scatter[lane], thresholds, RACE_MAX_FLIPS);
		for (i = 0; i < n && search->ntrackers < RACE_MAX_FLIPS; i++)
			if (!known(search, lane, &thresholds[i]))
				race_tracker_init(&search->trackers[search->ntrackers++], lane,
						  &thresholds[i], search->noise);
	}
	if (search->ntrackers)
		search->stretch = 1;
	else if (search->stretch < STRETCH_MAX && search->surveyed >= REFIT)
		search->stretch *= STRETCH;
}

void race_search_recalibrate(struct race_search *search)
{
	if (search->observed < CALIBRATION)
		return;
	measure(search);
	if (search->surveyed >= FIRST_FIT)
		find_flips(search);
}

static void teach_trackers(struct race_search *search, const struct race_aim *aim,
			   const struct race_seen *seen)
{
	unsigned int i;

	for (i = 1; i < search->nlanes; i++)
		if (aim->mode[i] == RACE_AT_STEP && aim->tracker[i] < search->ntrackers)
			race_tracker_step(&search->trackers[aim->tracker[i]], seen->start[i],
					  seen->outcome, search->noise);
}

static bool count_near(struct race_search *search, const struct race_seen *seen)
{
	bool near = false;
	unsigned int i;

	for (i = 0; i < search->ntrackers; i++)
		near |= race_tracker_count(&search->trackers[i],
					   seen->start[search->trackers[i].flip.lane],
					   seen->outcome);
	return near;
}

bool race_search_observe(struct race_search *search, const struct race_aim *aim,
			 const struct race_seen *seen)
{
	bool near;
	unsigned int i;

	if (aim->disturbed)
		return count_near(search, seen);

	search->observed++;
	for (i = 0; i < search->nlanes; i++)
		race_ring_add(&search->duration[i], seen->duration[i]);
	/* at 1, 2, 4, 8, ...: the first calls are slow, and the range is needed at once */
	if (search->observed >= CALIBRATION && !(search->observed & (search->observed - 1)))
		measure(search);
	if (seen->in_window)
		memcpy(search->hot[search->nhot++ % RACE_HOT], seen->start, sizeof(seen->start));

	teach_trackers(search, aim, seen);
	near = count_near(search, seen);
	for (i = 1; i < search->nlanes; i++)
		if (aim->mode[i] == RACE_AT_LARGE)
			race_scatter_add(&search->scatter[i], seen->start[i], seen->outcome);
	search->surveyed += aim->mode[1] == RACE_AT_LARGE;
	if (search->surveyed == search->next_fit) {
		search->next_fit += search->next_fit < REFIT ? search->next_fit : REFIT;
		measure(search);
		find_flips(search);
	}
	return near;
}

const struct race_flip *race_search_nearest(const struct race_search *search, unsigned int lane,
					    double at)
{
	const struct race_flip *best = NULL;
	unsigned int i;

	for (i = 0; i < search->ntrackers; i++) {
		const struct race_flip *flip = &search->trackers[i].flip;

		if (flip->lane == lane &&
		    (!best || fabs(flip->at_ns - at) < fabs(best->at_ns - at)))
			best = flip;
	}
	return best;
}
