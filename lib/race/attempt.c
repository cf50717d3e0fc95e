// SPDX-License-Identifier: MIT
/*
 * The path that lane 0 takes tens of thousands of times a second, while the other lanes wait for
 * it: set up, race, judge, settle, clear. What is here may not allocate, sort, divide, use floating
 * point or make a system call that is not the scenario's own, and reads no clock but the lanes'.
 * What can be done by a lane that waits belongs to the clerk, what is due once in a while to the
 * conductor's housekeeping.
 */
#include "race/attempt.h"

#include <stdio.h>
#include <string.h>

#include "race/barrier.h"
#include "race/lane.h"
#include "race/place.h"

/* Publishes the orders, takes part, waits for everybody. */
static bool carry_out(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	unsigned int i;

	atomic_store_explicit(&control->beat, conductor->beat++, memory_order_relaxed);
	atomic_store_explicit(&control->go, conductor->seq, memory_order_release);
	if (!race_lane_obey(control, 0, conductor->seq))
		return false;
	for (i = 1; i < control->nlanes; i++)
		if (!race_wait(control, &control->slot[i].done, conductor->seq))
			return false;
	control->orders.move = false;
	return true;
}

bool race_attempt_dry(struct race_conductor *conductor, enum race_task task)
{
	conductor->seq++;
	conductor->control->orders.task = task;
	return carry_out(conductor);
}

/* What the slots hold, in the words of the scenario. */
static void gather(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	struct race_attempt *attempt = &conductor->attempt;
	uint64_t zero = control->slot[0].start;
	unsigned int i;

	attempt->index = ++conductor->report->attempts;
	attempt->lanes = control->nlanes;
	for (i = 0; i < control->nlanes; i++) {
		const struct race_slot *slot = &control->slot[i];
		struct race_lane_result *result = &attempt->lane[i];

		memcpy(result->ret, slot->ret, sizeof(result->ret));
		result->start_ns = race_ticks_to_ns(&control->clock, slot->start - zero);
		result->end_ns = race_ticks_to_ns(&control->clock, slot->end - zero);
		result->cpu = slot->cpu;
	}
}

static bool took_place(const struct race_control *control)
{
	unsigned int i;

	for (i = 0; i < control->nlanes; i++)
		if (control->slot[i].setup)
			return false;
	return true;
}

/* The end of the race, so it may take its time. */
static void hit(struct race_conductor *conductor, const struct race_why *why)
{
	struct race_hit *ret = &conductor->report->hit;

	ret->attempt = conductor->attempt;
	memcpy(ret->delay_ns, conductor->control->delays.ns, sizeof(ret->delay_ns));
	snprintf(ret->perturb, sizeof(ret->perturb), "%s", race_perturb_name(&conductor->perturb));
	memcpy(ret->why, why->text, sizeof(ret->why));
	race_place_of_attempt(conductor, &conductor->attempt, ret->replay, sizeof(ret->replay));
}

static void judge(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_attempt *attempt = &conductor->attempt;
	struct race_report *report = conductor->report;
	struct race_why why;

	conductor->took_place = took_place(conductor->control);
	if (!conductor->took_place) {
		report->outcomes[RACE_SETUP_FAILED]++;
		return;
	}
	gather(conductor);
	attempt->outcome = scenario->classify(scenario->ctx, attempt);
	report->outcomes[attempt->outcome]++;
	race_perturb_learn(&conductor->perturb, &conductor->search, attempt->outcome);
	if (scenario->check && scenario->check(scenario->ctx, attempt, &why))
		hit(conductor, &why);
}

static bool clear(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;
	unsigned int i;

	if (scenario->lane_tear_down) {
		scenario->lane_tear_down(scenario->ctx, 0);
		for (i = 1; i < control->nlanes; i++)
			if (!race_wait(control, &control->slot[i].cleared, conductor->seq))
				return false;
	}
	if (scenario->tear_down)
		scenario->tear_down(scenario->ctx);
	return true;
}

bool race_attempt_once(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;

	if (scenario->set_up && scenario->set_up(scenario->ctx)) {
		conductor->report->outcomes[RACE_SETUP_FAILED]++;
		atomic_store_explicit(&control->beat, conductor->beat++, memory_order_relaxed);
		return true;
	}
	conductor->seq++;
	control->orders.task = RACE_DO_RACE;
	if (!carry_out(conductor) || !race_perturb_settle(&conductor->perturb, conductor->seq))
		return false;
	judge(conductor);
	race_conduct_turn(conductor);
	atomic_store_explicit(&control->settled, conductor->seq, memory_order_release);
	/* a broken attempt is torn down like any other, and only then ends the race */
	if (!clear(conductor))
		return false;
	if (conductor->report->hit.attempt.index)
		race_stop(control, RACE_STOP_BROKEN, 0, 0);
	return true;
}
