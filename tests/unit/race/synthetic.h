/* SPDX-License-Identifier: MIT */
/*
 * A race in user space whose window is known, so that the engine can be proven without a kernel.
 *
 * Lane 0 works for a lead-in, opens the window, works inside it, closes it, works on, and passes
 * the point that decides the order. Lane 1 works for a while and looks once. With after == 0 the
 * order flips at the window, as it does where a lock or a check decides both.
 */
#ifndef TEST_RACE_SYNTHETIC_H
#define TEST_RACE_SYNTHETIC_H

#include <stdatomic.h>

#include "race/clock.h"
#include "race/race.h"

enum synthetic_state { SYNTHETIC_BEFORE, SYNTHETIC_WINDOW, SYNTHETIC_BETWEEN, SYNTHETIC_AFTER };

/* All work is in loops of about one cycle. */
struct synthetic {
	uint64_t lead;  /* of lane 0, to the window */
	uint64_t width; /* of the window; 0: from one store to the next */
	uint64_t after; /* from the window to the flip */
	uint64_t tail;  /* from the flip to the end */
	uint64_t look;  /* of lane 1, before it looks and again after */
	_Alignas(128) atomic_int state;
};

static inline int synthetic_set_up(void *ctx)
{
	struct synthetic *race = ctx;

	atomic_store_explicit(&race->state, SYNTHETIC_BEFORE, memory_order_relaxed);
	return 0;
}

static inline long synthetic_victim(void *ctx, unsigned int lane)
{
	struct synthetic *race = ctx;

	race_delay_loops(race->lead);
	atomic_store_explicit(&race->state, SYNTHETIC_WINDOW, memory_order_release);
	if (race->width)
		race_delay_loops(race->width);
	atomic_store_explicit(&race->state, SYNTHETIC_BETWEEN, memory_order_release);
	if (race->after)
		race_delay_loops(race->after);
	atomic_store_explicit(&race->state, SYNTHETIC_AFTER, memory_order_release);
	if (race->tail)
		race_delay_loops(race->tail);
	return 0;
}

static inline long synthetic_observer(void *ctx, unsigned int lane)
{
	struct synthetic *race = ctx;
	long seen;

	race_delay_loops(race->look);
	seen = atomic_load_explicit(&race->state, memory_order_acquire);
	race_delay_loops(race->look);
	return seen;
}

static inline bool synthetic_in_window(const struct race_attempt *attempt)
{
	return attempt->lane[1].ret[0] == SYNTHETIC_WINDOW;
}

/* As in the kernel: the order shows, the window does not. */
static inline enum race_outcome synthetic_classify(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[1].ret[0] == SYNTHETIC_AFTER ? RACE_A_FIRST : RACE_B_FIRST;
}

/* A kernel with the bug: nothing but the broken invariant tells of the window. */
static inline int synthetic_check(void *ctx, const struct race_attempt *attempt,
				  struct race_why *why)
{
	return synthetic_in_window(attempt) ? race_why(why, "looked inside the window") : 0;
}

/* clang-format off */
#define SYNTHETIC_SCENARIO(race)                                                 \
	{                                                                        \
		.name = "synthetic", .nlanes = 2, .ctx = (race),                 \
		.lanes = { { "victim", { { "work", synthetic_victim } } },       \
			   { "observer", { { "look", synthetic_observer } } } }, \
		.set_up = synthetic_set_up, .classify = synthetic_classify,      \
	}
/* clang-format on */

#endif
