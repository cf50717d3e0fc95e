// SPDX-License-Identifier: MIT
#include "race/preflight.h"

#include <math.h>
#include <string.h>

#include "race/attempt.h"
#include "race/clerk.h"

/* meetings per way of aligning, and those before them that warm the caches and end the moves */
#define MEETINGS 400
#define WARM_UP  50

/* no more time than this on a machine where every meeting takes milliseconds */
#define BOUND_NS 60000000u

/* a deadline must be this much closer to be worth its extra wait in every attempt */
#define DEADLINE_GAIN 0.8

struct meetings {
	double skew[3]; /* p10, p50, p90 */
	double noise;   /* robust sigma */
	double per_s;
};

static bool meet_often(struct race_conductor *conductor, struct meetings *ret)
{
	struct race_control *control = conductor->control;
	double skew[MEETINGS];
	double target[RACE_MAX_LANES] = { 0 };
	uint64_t begin, now;
	int i, n = 0;

	race_clerk_delays(conductor, target);
	begin = now = race_now_ns();
	for (i = -WARM_UP; i < MEETINGS; i++) {
		if (!race_attempt_dry(conductor, RACE_DO_MEET))
			return false;
		if (i < 0 && now - begin < BOUND_NS) {
			now = race_now_ns();
			continue;
		}
		skew[n++] = (double)(int64_t)(control->slot[1].start - control->slot[0].start) /
			    control->clock.ticks_per_ns;
		now = race_now_ns();
		if (now - begin > BOUND_NS)
			break;
	}
	ret->per_s = (double)(i + WARM_UP) * 1e9 / (double)(now - begin);
	ret->skew[0] = race_quantile(skew, (size_t)n, 0.1);
	ret->skew[1] = race_quantile(skew, (size_t)n, 0.5);
	ret->skew[2] = race_quantile(skew, (size_t)n, 0.9);
	ret->noise = RACE_SIGMA_OF_IQR *
		     (race_quantile(skew, (size_t)n, 0.75) - race_quantile(skew, (size_t)n, 0.25));
	return true;
}

/* What all lanes ran, over the time from the first one's start to the last one's end. */
static bool spin_together(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	uint64_t start, end, ran = 0;
	unsigned int i;

	if (!race_attempt_dry(conductor, RACE_DO_SPIN))
		return false;
	start = control->slot[0].start;
	end = control->slot[0].end;
	for (i = 0; i < control->nlanes; i++) {
		const struct race_slot *slot = &control->slot[i];

		ran += slot->ran;
		if ((int64_t)(slot->start - start) < 0)
			start = slot->start;
		if ((int64_t)(slot->end - end) > 0)
			end = slot->end;
	}
	conductor->report->preflight.effective_cpus = (double)ran / (double)(end - start);
	return true;
}

bool race_preflight(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	struct race_preflight *preflight = &conductor->report->preflight;
	struct meetings barrier, deadline, *chosen = &barrier;

	preflight->cpus = conductor->cpus.count;
	preflight->tsc_ghz = RACE_HAS_TSC ? control->clock.ticks_per_ns : 0;
	preflight->loops_per_ns = control->clock.loops_per_ns;

	control->tsc_deadline = false;
	if (!meet_often(conductor, &barrier))
		return false;
	if (RACE_HAS_TSC) {
		control->tsc_deadline = true;
		if (!meet_often(conductor, &deadline))
			return false;
		control->tsc_deadline = deadline.skew[2] - deadline.skew[0] <
					DEADLINE_GAIN * (barrier.skew[2] - barrier.skew[0]);
		if (control->tsc_deadline)
			chosen = &deadline;
		memcpy(preflight->other_skew_ns,
		       control->tsc_deadline ? barrier.skew : deadline.skew,
		       sizeof(preflight->other_skew_ns));
	}
	preflight->tsc_deadline = control->tsc_deadline;
	preflight->meetings_per_s = chosen->per_s;
	memcpy(preflight->skew_ns, chosen->skew, sizeof(preflight->skew_ns));
	race_clerk_align(conductor, chosen->skew[1], chosen->noise);
	return spin_together(conductor);
}
