// SPDX-License-Identifier: MIT
#include "race/clerk.h"

#include <math.h>

/* how far off the plan a start may be and still count as aligned */
#define ALIGNED_SIGMA 6
#define ALIGNED_NS    100

/*
 * Nothing that lanes on CPUs of their own do takes longer than this. Where the lanes are starved
 * of CPU, bias and noise are the scheduler's milliseconds: to wait as long would starve the race.
 */
#define MAX_BIAS_NS  20000
#define MAX_NOISE_NS 5000

void race_clerk_delays(struct race_conductor *conductor, const double *target)
{
	struct race_control *control = conductor->control;
	struct race_delays *delays = &control->delays;
	double least = 0;
	unsigned int i;

	delays->ns[0] = 0;
	for (i = 1; i < control->nlanes; i++) {
		delays->ns[i] = target[i] - conductor->median_bias[i];
		if (delays->ns[i] < least)
			least = delays->ns[i];
	}
	for (i = 0; i < control->nlanes; i++) {
		delays->ns[i] -= least;
		delays->ticks[i] = (uint64_t)(int64_t)(delays->ns[i] * control->clock.ticks_per_ns +
						       0.5);
	}
}

static void set_bias(struct race_conductor *conductor, unsigned int lane, double bias)
{
	conductor->median_bias[lane] = fmin(fmax(bias, -MAX_BIAS_NS), MAX_BIAS_NS);
}

static void set_noise(struct race_conductor *conductor, double noise)
{
	conductor->noise_ns = fmin(noise, MAX_NOISE_NS);
	conductor->search.noise = conductor->noise_ns;
}

void race_clerk_align(struct race_conductor *conductor, double bias, double noise)
{
	unsigned int i;

	for (i = 1; i < conductor->control->nlanes; i++)
		set_bias(conductor, i, bias);
	set_noise(conductor, noise);
}

/* Often at first, for a good start, then as often as the ring is full of new values. */
static bool due(uint64_t count)
{
	return count % RACE_RING_SIZE == 0 ||
	       (count >= 16 && count < RACE_RING_SIZE && !(count & (count - 1)));
}

static void realign(struct race_conductor *conductor)
{
	double quartiles[3];
	unsigned int i;

	for (i = 1; i < conductor->control->nlanes; i++) {
		race_ring_quartiles(&conductor->bias[i], quartiles);
		set_bias(conductor, i, quartiles[1]);
		if (i == 1)
			set_noise(conductor, RACE_SIGMA_OF_IQR * (quartiles[2] - quartiles[0]));
	}
}

/* How well the lanes kept to the plan; teaches the aim its bias and noise. */
static bool learn_alignment(struct race_conductor *conductor, const struct race_attempt *attempt)
{
	const double *delay_ns = conductor->control->delays.ns;
	double limit = ALIGNED_SIGMA * conductor->noise_ns + ALIGNED_NS;
	bool aligned = true;
	unsigned int i;

	for (i = 1; i < attempt->lanes; i++) {
		double planned = delay_ns[i] - delay_ns[0];
		double error = (double)attempt->lane[i].start_ns - planned;

		if (!conductor->aim.disturbed)
			race_ring_add(&conductor->bias[i], error);
		if (fabs(error - conductor->median_bias[i]) > limit)
			aligned = false;
	}
	if (!conductor->aim.disturbed && due(conductor->bias[1].count))
		realign(conductor);
	return aligned;
}

static bool overlapped(const struct race_attempt *attempt)
{
	unsigned int i;

	for (i = 1; i < attempt->lanes; i++)
		if (attempt->lane[i].start_ns < attempt->lane[0].end_ns &&
		    attempt->lane[0].start_ns < attempt->lane[i].end_ns)
			return true;
	return false;
}

static double longest_delay(const struct race_conductor *conductor)
{
	const double *ns = conductor->control->delays.ns;
	double longest = 0;
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		longest = ns[i] > longest ? ns[i] : longest;
	return longest;
}

static enum race_outcome side(const struct race_conductor *conductor,
			      const struct race_attempt *attempt)
{
	unsigned int i;

	if (conductor->scenario->flip_by == RACE_FLIP_BY_OUTCOME)
		return attempt->outcome;
	for (i = 1; i < attempt->lanes; i++)
		if (attempt->lane[i].end_ns < attempt->lane[0].end_ns)
			return RACE_B_FIRST;
	return RACE_A_FIRST;
}

static void learn(struct race_conductor *conductor)
{
	const struct race_attempt *attempt = &conductor->attempt;
	struct race_report *report = conductor->report;
	struct race_seen seen;
	bool near = false;
	unsigned int i;

	report->skew[race_skew_bucket(attempt->lane[1].start_ns)]++;
	report->overlapped += overlapped(attempt);
	report->delay_ns += longest_delay(conductor);

	seen.outcome = side(conductor, attempt);
	seen.in_window = attempt->outcome == RACE_IN_WINDOW;
	for (i = 0; i < attempt->lanes; i++) {
		const struct race_lane_result *lane = &attempt->lane[i];

		seen.start[i] = (double)lane->start_ns;
		seen.duration[i] = (double)(lane->end_ns - lane->start_ns);
	}
	if (learn_alignment(conductor, attempt)) {
		report->aligned++;
		near = race_search_observe(&conductor->search, &conductor->aim, &seen);
		report->near_flip += near;
	}
	report->informative += near || seen.in_window;
}

void race_clerk_plan(struct race_conductor *conductor, uint64_t seq)
{
	race_search_aim(&conductor->search, &conductor->aim);
	race_perturb_plan(&conductor->perturb, &conductor->search, &conductor->aim);
	conductor->control->delays.striker = race_perturb_striker(&conductor->perturb);
	race_clerk_delays(conductor, conductor->aim.target);
	atomic_store_explicit(&conductor->control->planned, seq, memory_order_release);
}

void race_clerk_turn(struct race_conductor *conductor, uint64_t seq)
{
	if (conductor->took_place)
		learn(conductor);
	race_clerk_plan(conductor, seq + 1);
}
