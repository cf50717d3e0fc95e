/* SPDX-License-Identifier: MIT */
/*
 * A race in user space whose window is known: lane 0 works for a lead-in, opens the window, works
 * inside it, closes it; lane 1 looks once. The engine can be proven on it without a kernel.
 */
#ifndef TEST_RACE_SYNTHETIC_H
#define TEST_RACE_SYNTHETIC_H

#include <stdatomic.h>

#include "race/clock.h"
#include "race/race.h"

struct synthetic {
	uint64_t lead, width, tail; /* loops of about a cycle each; width 0: from one store to the next */
	_Alignas(128) atomic_int state; /* 0 before, 1 in the window, 2 after */
	_Alignas(128) int seen;
};

static inline int synthetic_set_up(void *ctx)
{
	struct synthetic *race = ctx;

	atomic_store_explicit(&race->state, 0, memory_order_relaxed);
	return 0;
}

static inline long synthetic_victim(void *ctx, unsigned int lane)
{
	struct synthetic *race = ctx;

	race_delay_loops(race->lead);
	atomic_store_explicit(&race->state, 1, memory_order_release);
	if (race->width)
		race_delay_loops(race->width);
	atomic_store_explicit(&race->state, 2, memory_order_release);
	race_delay_loops(race->tail);
	return 0;
}

static inline long synthetic_observer(void *ctx, unsigned int lane)
{
	struct synthetic *race = ctx;

	return atomic_load_explicit(&race->state, memory_order_acquire);
}

static inline enum race_outcome synthetic_classify(void *ctx, const struct race_attempt *attempt)
{
	static const enum race_outcome of_state[] = { RACE_B_FIRST, RACE_IN_WINDOW, RACE_A_FIRST };

	return of_state[attempt->lane[1].ret[0]];
}

/* A kernel with the bug: the window shows as a broken invariant and nothing else tells of it. */
static inline int synthetic_check(void *ctx, const struct race_attempt *attempt,
				  struct race_why *why)
{
	return attempt->lane[1].ret[0] == 1 ? race_why(why, "looked inside the window") : 0;
}

#define SYNTHETIC_SCENARIO(race)                                                  \
	{                                                                         \
		.name = "synthetic", .nlanes = 2, .ctx = (race),                  \
		.lanes = { { "victim", { { "work", synthetic_victim } } },        \
			   { "observer", { { "look", synthetic_observer } } } }, \
		.set_up = synthetic_set_up, .classify = synthetic_classify,       \
	}

#endif
