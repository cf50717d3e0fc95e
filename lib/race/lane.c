// SPDX-License-Identifier: MIT
#include "race/lane.h"

#include <errno.h>
#include <sched.h>

#include "race/barrier.h"
#include "race/clerk.h"
#include "race/perturb.h"

/* how far ahead a TSC deadline lies: more than a cache line needs to get to any CPU */
#define DEADLINE_NS 400

/* RACE_DO_SPIN: a gap this long counts as having been away */
#define GAP_NS 5000

void race_stop(struct race_control *control, enum race_stop why, int lane, int error)
{
	int none = RACE_STOP_NONE;

	if (!atomic_compare_exchange_strong(&control->stop, &none, why))
		return;
	atomic_store(&control->stop_lane, lane);
	atomic_store(&control->stop_error, error);
}

static void move(struct race_control *control, unsigned int lane)
{
	int cpu = control->orders.cpu[lane];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* a CPU that went offline is not worth failing for: the achieved skew will tell */
	sched_setaffinity(0, sizeof(set), &set);
	atomic_store_explicit(&control->slot[lane].cpu, cpu, memory_order_relaxed);
}

static bool meet(struct race_control *control, unsigned int lane, uint64_t seq)
{
	uint64_t delay = control->delays.ticks[lane];

	if (!race_meet(control, lane, seq, (uint64_t)(DEADLINE_NS * control->clock.ticks_per_ns)))
		return false;
	race_spend(control, delay);
	return true;
}

static void call_ops(const struct race_scenario *scenario, unsigned int lane,
		     struct race_slot *slot)
{
	const struct race_op *ops = scenario->lanes[lane].ops;
	void *ctx = scenario->ctx;
	uint64_t start = race_ticks();
	unsigned int i;

	for (i = 0; i < RACE_MAX_OPS && ops[i].call; i++) {
		atomic_store_explicit(&slot->op, i + 1, memory_order_relaxed);
		slot->ret[i] = ops[i].call(ctx, lane);
	}
	slot->end = race_ticks();
	slot->start = start;
	atomic_store_explicit(&slot->op, 0, memory_order_relaxed);
}

static bool race(struct race_control *control, unsigned int lane, uint64_t seq)
{
	const struct race_scenario *scenario = control->scenario;
	struct race_slot *slot = &control->slot[lane];
	unsigned int i;

	slot->setup = scenario->lane_set_up ? scenario->lane_set_up(scenario->ctx, lane) : 0;
	if (!race_wait(control, &control->planned, seq))
		return false;
	race_perturb_arm(control->perturb, lane, seq, control->delays.ns[lane]);
	if (!meet(control, lane, seq))
		return false;
	if (control->delays.striker == (int)lane)
		race_perturb_strike(control->perturb);
	if (!slot->setup) {
		call_ops(scenario, lane, slot);
		return true;
	}
	slot->start = slot->end = race_ticks();
	for (i = 0; i < RACE_MAX_OPS; i++)
		slot->ret[i] = -ECANCELED;
	return true;
}

static void spin(struct race_control *control, unsigned int lane)
{
	uint64_t gap = (uint64_t)(GAP_NS * control->clock.ticks_per_ns);
	uint64_t start = race_ticks(), last = start, now, ran = 0;

	do {
		now = race_ticks();
		if (now - last < gap)
			ran += now - last;
		last = now;
	} while (now - start < (uint64_t)(RACE_SPIN_NS * control->clock.ticks_per_ns));
	control->slot[lane].start = start;
	control->slot[lane].end = last;
	control->slot[lane].ran = ran;
}

bool race_lane_obey(struct race_control *control, unsigned int lane, uint64_t seq)
{
	struct race_slot *slot = &control->slot[lane];

	if (control->orders.move)
		move(control, lane);
	switch (control->orders.task) {
	case RACE_DO_RACE:
		if (!race(control, lane, seq))
			return false;
		break;
	case RACE_DO_MEET:
		if (!meet(control, lane, seq))
			return false;
		slot->start = slot->end = race_ticks();
		break;
	case RACE_DO_SPIN:
		if (!meet(control, lane, seq))
			return false;
		spin(control, lane);
		break;
	}
	atomic_store_explicit(&slot->done, seq, memory_order_release);
	return true;
}

void race_lane_follow(struct race_control *control, unsigned int lane)
{
	const struct race_scenario *scenario = control->scenario;
	struct race_slot *slot = &control->slot[lane];
	int err = scenario->start ? scenario->start(scenario->ctx, lane) : 0;
	uint64_t seq;

	if (err) {
		race_stop(control, RACE_STOP_HOOK, (int)lane, err);
		return;
	}
	for (seq = 1; race_wait(control, &control->go, seq); seq++) {
		bool raced = control->orders.task == RACE_DO_RACE;

		if (!race_lane_obey(control, lane, seq))
			break;
		if (!raced || (lane != RACE_CLERK && !scenario->lane_tear_down))
			continue;
		if (!race_wait(control, &control->settled, seq))
			break;
		if (scenario->lane_tear_down) {
			scenario->lane_tear_down(scenario->ctx, lane);
			atomic_store_explicit(&slot->cleared, seq, memory_order_release);
		}
		if (lane == RACE_CLERK)
			race_clerk_turn(control->conductor, seq);
	}
	if (scenario->finish)
		scenario->finish(scenario->ctx, lane);
}
