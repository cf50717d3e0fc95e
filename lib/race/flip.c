// SPDX-License-Identifier: MIT
#include "race/flip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* an outcome seen once may be an accident */
#define MIN_DOTS 2

/* mixed outcomes give an error of one half or more; noise as wide as the range comes close */
#define MAX_ERROR 0.35

/* the staircase: half as many doublings as halvings, so that it settles on a plain coin */
#define STEP_SAME  1.25
#define STEP_TURN  0.65
#define STEP_SIGMA 0.05

#define NEAR_SIGMA  5
#define MIN_SIGMA   1.0
#define SPREAD_GAIN 0.05
#define SPREAD_FADE 0.998
#define FADE        0.99

#define LOST_STEPS 200
#define LOST_SHARE 0.02
#define FOUND_EACH 5

void race_scatter_add(struct race_scatter *scatter, double at, enum race_outcome outcome)
{
	struct race_dot *dot = &scatter->dots[scatter->count++ % RACE_SCATTER_SIZE];

	dot->at = at;
	dot->outcome = (unsigned char)outcome;
}

static int compare_dots(const void *a, const void *b)
{
	double x = ((const struct race_dot *)a)->at, y = ((const struct race_dot *)b)->at;

	return (x > y) - (x < y);
}

/* One pass over sorted dots: each gap between neighbours is a candidate. */
static bool fit(const struct race_dot *dots, unsigned int n, const unsigned int *total,
		struct race_threshold *threshold)
{
	double wrong_before, wrong_after = 0, best = 1;
	double last = 0, weight_before = 1.0 / total[threshold->before];
	double weight_after = 1.0 / total[threshold->after];
	bool first = true;
	unsigned int i;

	/* everything lies to the right of a threshold at minus infinity */
	wrong_before = 1;
	for (i = 0; i < n; i++) {
		if (dots[i].outcome != threshold->before && dots[i].outcome != threshold->after)
			continue;
		if (!first && wrong_before + wrong_after < best) {
			best = wrong_before + wrong_after;
			threshold->at = (last + dots[i].at) / 2;
			threshold->gap = dots[i].at - last;
		}
		first = false;
		last = dots[i].at;
		if (dots[i].outcome == threshold->before)
			wrong_before -= weight_before;
		else
			wrong_after += weight_after;
	}
	threshold->error = best;
	return best < MAX_ERROR;
}

static int compare_thresholds(const void *a, const void *b)
{
	double x = ((const struct race_threshold *)a)->error;
	double y = ((const struct race_threshold *)b)->error;

	return (x > y) - (x < y);
}

unsigned int race_scatter_thresholds(const struct race_scatter *scatter,
				     struct race_threshold *ret_thresholds, unsigned int max)
{
	struct race_threshold all[RACE_OUTCOMES * RACE_OUTCOMES];
	struct race_dot dots[RACE_SCATTER_SIZE];
	unsigned int total[RACE_OUTCOMES] = { 0 };
	unsigned int n = RACE_SCATTER_SIZE, found = 0, i, before, after;

	if (scatter->count < n)
		n = (unsigned int)scatter->count;
	memcpy(dots, scatter->dots, n * sizeof(*dots));
	qsort(dots, n, sizeof(*dots), compare_dots);
	/* in the window is a place of its own, on no side of it */
	for (i = 0; i < n; i++)
		total[dots[i].outcome] += dots[i].outcome != RACE_IN_WINDOW;

	for (before = 0; before < RACE_OUTCOMES; before++) {
		for (after = 0; after < RACE_OUTCOMES; after++) {
			struct race_threshold *threshold = &all[found];

			if (before == after || total[before] < MIN_DOTS || total[after] < MIN_DOTS)
				continue;
			threshold->before = (enum race_outcome)before;
			threshold->after = (enum race_outcome)after;
			found += fit(dots, n, total, threshold);
		}
	}
	qsort(all, found, sizeof(*all), compare_thresholds);
	if (found > max)
		found = max;
	memcpy(ret_thresholds, all, found * sizeof(*all));
	return found;
}

void race_tracker_init(struct race_tracker *tracker, unsigned int lane,
		       const struct race_threshold *threshold, double noise)
{
	memset(tracker, 0, sizeof(*tracker));
	tracker->flip.lane = lane;
	tracker->flip.before = threshold->before;
	tracker->flip.after = threshold->after;
	tracker->flip.at_ns = threshold->at;
	tracker->flip.sigma_ns = fmax(noise, MIN_SIGMA);
	tracker->step = fmax(threshold->gap, MIN_SIGMA) / 2;
	tracker->step_max = 64 * tracker->step;
}

static void learn_spread(struct race_tracker *tracker, double at, bool before, double noise)
{
	double off = at - tracker->flip.at_ns;

	/* on the wrong side by this much: 1.25 takes a mean deviation to a sigma */
	if (before == (off > 0))
		tracker->spread += SPREAD_GAIN * (1.25 * fabs(off) - tracker->spread);
	else
		tracker->spread *= SPREAD_FADE;
	tracker->flip.sigma_ns = fmax(fmax(noise, tracker->spread), MIN_SIGMA);
}

void race_tracker_step(struct race_tracker *tracker, double at, enum race_outcome outcome,
		       double noise)
{
	struct race_flip *flip = &tracker->flip;
	bool before = outcome == flip->before;
	int direction = before ? 1 : -1;

	tracker->steps++;
	tracker->recent[0] = tracker->recent[0] * FADE + before;
	tracker->recent[1] = tracker->recent[1] * FADE + (outcome == flip->after);
	/* neither of the two: the attempt is between them, just where it should be */
	if (!before && outcome != flip->after)
		return;
	learn_spread(tracker, at, before, noise);

	if (race_tracker_approaching(tracker))
		tracker->step /= 2;
	else
		tracker->step *= direction == tracker->last ? STEP_SAME : STEP_TURN;
	tracker->reached |= tracker->step < flip->sigma_ns;
	tracker->step = fmin(tracker->step, tracker->step_max);
	tracker->step = fmax(tracker->step, STEP_SIGMA * flip->sigma_ns);
	tracker->last = direction;
	flip->at_ns += direction * tracker->step;
}

bool race_tracker_approaching(const struct race_tracker *tracker)
{
	return !tracker->reached;
}

bool race_tracker_count(struct race_tracker *tracker, double at, enum race_outcome outcome)
{
	struct race_flip *flip = &tracker->flip;

	if (fabs(at - flip->at_ns) > NEAR_SIGMA * flip->sigma_ns)
		return false;
	if (outcome == flip->before)
		flip->attempts[0]++;
	else if (outcome == flip->after)
		flip->attempts[1]++;
	return true;
}

bool race_tracker_lost(const struct race_tracker *tracker)
{
	double sum = tracker->recent[0] + tracker->recent[1];

	if (tracker->steps < LOST_STEPS)
		return false;
	return fmin(tracker->recent[0], tracker->recent[1]) < LOST_SHARE * sum || sum < 1;
}

bool race_flip_found(const struct race_flip *flip)
{
	return flip->attempts[0] >= FOUND_EACH && flip->attempts[1] >= FOUND_EACH;
}
