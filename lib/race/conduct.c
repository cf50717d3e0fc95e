// SPDX-License-Identifier: MIT
#include "race/conduct.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "race/barrier.h"
#include "race/lane.h"
#include "race/place.h"
#include "race/preflight.h"

/* how far off the plan a start may be and still count as aligned */
#define ALIGNED_SIGMA 6
#define ALIGNED_NS    100

/*
 * Nothing that lanes on CPUs of their own do takes longer than this. Where the lanes are starved
 * of CPU, bias and noise are the scheduler's milliseconds: to wait as long would starve the race.
 */
#define MAX_BIAS_NS  20000
#define MAX_NOISE_NS 5000

/* recalibration and rotation: timing drifts within seconds */
#define EPOCH_NS 1000000000u

/* how often to look whether the attempts have moved to another place */
#define ANNOUNCE_NS 20000000u

static void order_cpus(struct race_conductor *conductor)
{
	struct race_orders *orders = &conductor->control->orders;
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		orders->cpu[i] = race_cpus_pick(&conductor->cpus, i, conductor->turn);
}

static void stay(struct race_conductor *conductor)
{
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		conductor->control->orders.cpu[i] = -1;
}

/* Publishes the orders, takes part, waits for everybody. */
static bool carry_out(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	unsigned int i;

	atomic_fetch_add_explicit(&control->beat, 1, memory_order_relaxed);
	atomic_store_explicit(&control->go, conductor->seq, memory_order_release);
	if (!race_lane_obey(control, 0, conductor->seq))
		return false;
	for (i = 1; i < control->nlanes; i++)
		if (!race_wait(control, &control->slot[i].done, conductor->seq))
			return false;
	return true;
}

bool race_conduct_dry(struct race_conductor *conductor, enum race_task task)
{
	conductor->seq++;
	conductor->control->orders.task = task;
	if (!carry_out(conductor))
		return false;
	stay(conductor);
	return true;
}

void race_conduct_delays(struct race_conductor *conductor, const double *target)
{
	struct race_control *control = conductor->control;
	double *delay_ns = control->orders.delay_ns;
	double least = 0;
	unsigned int i;

	delay_ns[0] = 0;
	for (i = 1; i < control->nlanes; i++) {
		delay_ns[i] = target[i] - conductor->median_bias[i];
		least = fmin(least, delay_ns[i]);
	}
	for (i = 0; i < control->nlanes; i++) {
		delay_ns[i] -= least;
		control->orders.delay[i] = (uint64_t)(delay_ns[i] * control->clock.ticks_per_ns +
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

void race_conduct_align(struct race_conductor *conductor, double bias, double noise)
{
	unsigned int i;

	for (i = 1; i < conductor->control->nlanes; i++)
		set_bias(conductor, i, bias);
	set_noise(conductor, noise);
}

/* What the slots hold, in the words of the scenario. */
static void gather(struct race_conductor *conductor, struct race_attempt *attempt)
{
	struct race_control *control = conductor->control;
	uint64_t zero = control->slot[0].start;
	double ns_per_tick = 1.0 / control->clock.ticks_per_ns;
	unsigned int i;

	attempt->lanes = control->nlanes;
	for (i = 0; i < control->nlanes; i++) {
		const struct race_slot *slot = &control->slot[i];
		struct race_lane_result *result = &attempt->lane[i];

		memcpy(result->ret, slot->ret, sizeof(result->ret));
		result->start_ns = (int64_t)((double)(int64_t)(slot->start - zero) * ns_per_tick);
		result->end_ns = (int64_t)((double)(int64_t)(slot->end - zero) * ns_per_tick);
		result->cpu = slot->cpu;
	}
}

static bool set_up_failed(const struct race_conductor *conductor)
{
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		if (conductor->control->slot[i].setup)
			return true;
	return false;
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
	double longest = 0;
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		longest = fmax(longest, conductor->control->orders.delay_ns[i]);
	return longest;
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
	const double *delay_ns = conductor->control->orders.delay_ns;
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

static void hit(struct race_conductor *conductor, const struct race_attempt *attempt,
		const struct race_why *why)
{
	struct race_hit *ret = &conductor->report->hit;

	ret->attempt = *attempt;
	memcpy(ret->delay_ns, conductor->control->orders.delay_ns, sizeof(ret->delay_ns));
	snprintf(ret->perturb, sizeof(ret->perturb), "%s", race_perturb_name(&conductor->perturb));
	memcpy(ret->why, why->text, sizeof(ret->why));
	race_place_of_attempt(conductor, attempt, ret->replay, sizeof(ret->replay));
}

static void judge(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_report *report = conductor->report;
	struct race_attempt attempt = { 0 };
	struct race_seen seen = { 0 };
	struct race_why why = { 0 };
	bool near = false;
	unsigned int i;

	if (set_up_failed(conductor)) {
		report->outcomes[RACE_SETUP_FAILED]++;
		return;
	}
	attempt.index = ++report->attempts;
	gather(conductor, &attempt);
	attempt.outcome = scenario->classify(scenario->ctx, &attempt);
	report->outcomes[attempt.outcome]++;
	race_perturb_learn(&conductor->perturb, attempt.outcome,
			   conductor->control->orders.delay_ns[conductor->perturb.victim]);
	report->skew[race_skew_bucket((double)attempt.lane[1].start_ns)]++;
	report->overlapped += overlapped(&attempt);
	report->delay_ns += longest_delay(conductor);
	if (scenario->check && scenario->check(scenario->ctx, &attempt, &why))
		hit(conductor, &attempt, &why);

	seen.outcome = side(conductor, &attempt);
	seen.in_window = attempt.outcome == RACE_IN_WINDOW;
	for (i = 0; i < attempt.lanes; i++) {
		seen.start[i] = (double)attempt.lane[i].start_ns;
		seen.duration[i] = (double)(attempt.lane[i].end_ns - attempt.lane[i].start_ns);
	}
	if (learn_alignment(conductor, &attempt)) {
		report->aligned++;
		near = race_search_observe(&conductor->search, &conductor->aim, &seen);
		report->near_flip += near;
	}
	report->informative += near || seen.in_window;
}

static bool clear(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;
	bool ok = true;
	unsigned int i;

	if (scenario->lane_tear_down) {
		atomic_store_explicit(&control->settled, conductor->seq, memory_order_release);
		scenario->lane_tear_down(scenario->ctx, 0);
		for (i = 1; ok && i < control->nlanes; i++)
			ok = race_wait(control, &control->slot[i].cleared, conductor->seq);
	}
	if (ok && scenario->tear_down)
		scenario->tear_down(scenario->ctx);
	return ok;
}

static bool attempt_once(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;
	int err;

	conductor->seq++;
	race_search_aim(&conductor->search, &conductor->aim);
	race_perturb_plan(&conductor->perturb, &conductor->search, &conductor->aim);
	race_conduct_delays(conductor, conductor->aim.target);
	err = scenario->set_up ? scenario->set_up(scenario->ctx) : 0;
	control->orders.task = err ? RACE_DO_NOTHING : RACE_DO_RACE;
	if (!carry_out(conductor))
		return false;
	stay(conductor);
	if (err) {
		conductor->report->outcomes[RACE_SETUP_FAILED]++;
		return true;
	}
	if (!race_perturb_settle(&conductor->perturb, conductor->seq))
		return false;
	judge(conductor);
	/* a broken attempt is torn down like any other, and only then ends the race */
	if (!clear(conductor))
		return false;
	if (conductor->report->hit.attempt.index)
		race_stop(control, RACE_STOP_BROKEN, 0, 0);
	return true;
}

static void audit(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_why why = { 0 };

	if (!scenario->audit)
		return;
	conductor->report->audits++;
	if (scenario->audit(scenario->ctx, &why)) {
		memcpy(conductor->report->hit.why, why.text, sizeof(why.text));
		race_stop(conductor->control, RACE_STOP_BROKEN, 0, 0);
	}
}

/* Between attempts: what is due once an epoch. False when the time is up. */
static bool housekeeping(struct race_conductor *conductor)
{
	const struct race_options *options = conductor->options;
	const struct race_scenario *scenario = conductor->scenario;
	struct race_report *report = conductor->report;
	uint64_t tried = report->attempts + report->outcomes[RACE_SETUP_FAILED];
	uint64_t now;

	if (atomic_load_explicit(&conductor->control->finish, memory_order_relaxed))
		return false;
	if (options->max_attempts && tried >= options->max_attempts)
		return false;
	if (scenario->audit_every && tried && tried % scenario->audit_every == 0)
		audit(conductor);
	now = race_clock_ns(&conductor->control->clock);
	if (now >= conductor->announce_ns) {
		race_place_announce(conductor);
		conductor->announce_ns = now + ANNOUNCE_NS;
	}
	if (now >= conductor->end_ns)
		return false;
	if (now < conductor->epoch_end_ns)
		return true;

	if (!scenario->audit_every)
		audit(conductor);
	race_clock_calibrate_loops(&conductor->control->clock);
	race_search_recalibrate(&conductor->search);
	report->recalibrations++;
	conductor->turn++;
	order_cpus(conductor);
	report->rotations++;
	conductor->epoch_end_ns = race_clock_ns(&conductor->control->clock) + conductor->epoch_ns;
	return true;
}

void race_conduct(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;
	int err = scenario->start ? scenario->start(scenario->ctx, 0) : 0;
	uint64_t time_ns = (conductor->options->time_ms ? conductor->options->time_ms : 2000) *
			   UINT64_C(1000000);

	if (err) {
		race_stop(control, RACE_STOP_HOOK, 0, err);
		return;
	}
	order_cpus(conductor);
	if (race_preflight(conductor)) {
		conductor->begin_ns = race_clock_ns(&control->clock);
		conductor->end_ns = conductor->begin_ns + time_ns;
		conductor->epoch_ns = time_ns / 4 < EPOCH_NS ? time_ns / 4 : EPOCH_NS;
		conductor->epoch_end_ns = conductor->begin_ns + conductor->epoch_ns;
		while (!race_stopped(control) && housekeeping(conductor) && !race_stopped(control))
			if (!attempt_once(conductor))
				break;
		if (!race_stopped(control))
			audit(conductor);
		conductor->report->seconds = (double)(race_clock_ns(&control->clock) -
						      conductor->begin_ns) /
					     1e9;
	}
	race_stop(control, RACE_STOP_DONE, 0, 0);
	if (scenario->finish)
		scenario->finish(scenario->ctx, 0);
}
