// SPDX-License-Identifier: MIT
#include "race/preflight.h"

#include <math.h>
#include <string.h>

/* meetings per way of aligning, and those before them that warm the caches and end the moves */
#define MEETINGS 400
#define WARM_UP	 50

/* no more time than this on a machine where every meeting takes milliseconds */
#define BOUND_NS 60000000u

/* a deadline must be this much closer to be worth its extra wait in every attempt */
#define DEADLINE_GAIN 0.8

static bool meet_often(struct race_conductor *conductor, double ret_skew[3], double *ret_per_s)
{
	struct race_control *control = conductor->control;
	double skew[MEETINGS];
	double target[RACE_MAX_LANES] = { 0 };
	uint64_t begin, now;
	int i, n = 0;

	race_conduct_delays(conductor, target);
	begin = now = race_now_ns();
	for (i = -WARM_UP; i < MEETINGS; i++) {
		if (!race_conduct_dry(conductor, RACE_DO_MEET))
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
	*ret_per_s = (double)(i + WARM_UP) * 1e9 / (double)(now - begin);
	ret_skew[0] = race_quantile(skew, (size_t)n, 0.1);
	ret_skew[1] = race_quantile(skew, (size_t)n, 0.5);
	ret_skew[2] = race_quantile(skew, (size_t)n, 0.9);
	return true;
}

static bool spin_together(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	uint64_t ran = 0;
	unsigned int i;

	if (!race_conduct_dry(conductor, RACE_DO_SPIN))
		return false;
	for (i = 0; i < control->nlanes; i++)
		ran += control->slot[i].ran;
	conductor->report->preflight.effective_cpus =
		(double)ran / (RACE_SPIN_NS * control->clock.ticks_per_ns);
	return true;
}

bool race_preflight(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	struct race_preflight *preflight = &conductor->report->preflight;
	double deadline_skew[3], deadline_per_s;
	unsigned int i;

	preflight->cpus = conductor->cpus.count;
	preflight->tsc_ghz = RACE_HAS_TSC ? control->clock.ticks_per_ns : 0;
	preflight->loops_per_ns = control->clock.loops_per_ns;

	control->tsc_deadline = false;
	if (!meet_often(conductor, preflight->skew_ns, &preflight->meetings_per_s))
		return false;
	if (RACE_HAS_TSC) {
		control->tsc_deadline = true;
		if (!meet_often(conductor, deadline_skew, &deadline_per_s))
			return false;
		control->tsc_deadline =
			deadline_skew[2] - deadline_skew[0] <
			DEADLINE_GAIN * (preflight->skew_ns[2] - preflight->skew_ns[0]);
		memcpy(preflight->other_skew_ns,
		       control->tsc_deadline ? preflight->skew_ns : deadline_skew,
		       sizeof(deadline_skew));
		if (control->tsc_deadline)
			memcpy(preflight->skew_ns, deadline_skew, sizeof(deadline_skew));
	}
	preflight->tsc_deadline = control->tsc_deadline;
	for (i = 1; i < control->nlanes; i++)
		conductor->median_bias[i] = preflight->skew_ns[1];
	/* p10..p90 is 2.56 sigma wide when the noise is normal */
	conductor->noise_ns = (preflight->skew_ns[2] - preflight->skew_ns[0]) / 2.56;
	return spin_together(conductor);
}
