/* SPDX-License-Identifier: MIT */
/*
 * Waiting without sleeping. Lanes have a CPU of their own when all is well, so waits spin; a wait
 * that lasts yields, so that an oversubscribed machine still moves; every wait ends when the race
 * is stopped, which the coordinator does at the latest when nothing has moved for hang_ms.
 */
#ifndef RACE_BARRIER_H
#define RACE_BARRIER_H

#include <sched.h>

#include "race/control.h"

#define RACE_SPINS_HOT   16384u /* some ten microseconds: the normal wait, nothing but the load */
#define RACE_SPINS_YIELD 64u    /* between yields, once it is not normal any more */

/** Waits until *@word >= @value; false when the race is stopped instead. */
static inline bool race_wait(struct race_control *control, atomic_uint_fast64_t *word,
			     uint64_t value)
{
	unsigned int spins = 0;

	while (atomic_load_explicit(word, memory_order_acquire) < value) {
		if (++spins < RACE_SPINS_HOT)
			continue;
		if (race_stopped(control))
			return false;
		if (spins % RACE_SPINS_YIELD == 0)
			sched_yield();
	}
	return true;
}

/**
 * The barrier of attempt @seq. All lanes leave it within one cache line's transfer of each other
 * or, with a TSC deadline, at the deadline plus their own delay. False when stopped.
 *
 * No pause instruction: it costs over a hundred cycles of skew on newer CPUs and, under TCG, an
 * exit from the translated code.
 */
static inline bool race_meet(struct race_control *control, unsigned int lane, uint64_t seq,
			     uint64_t deadline_ticks)
{
	bool leads = lane == 0 && control->tsc_deadline;
	unsigned int i;

	if (!leads)
		atomic_store_explicit(&control->slot[lane].arrived, seq, memory_order_release);
	for (i = 0; i < control->nlanes; i++)
		if (i != lane && !race_wait(control, &control->slot[i].arrived, seq))
			return false;
	if (leads) {
		atomic_store_explicit(&control->deadline, race_ticks() + deadline_ticks,
				      memory_order_relaxed);
		atomic_store_explicit(&control->slot[0].arrived, seq, memory_order_release);
	}
	return true;
}

/**
 * Spends the lane's own @delay, in ticks after the barrier or after the deadline. A lane without
 * delay reads the clock all the same: what the lanes do must differ in nothing but the delay.
 */
static inline void race_spend(struct race_control *control, uint64_t delay)
{
	uint64_t now = race_ticks();
	uint64_t from = control->tsc_deadline
				? atomic_load_explicit(&control->deadline, memory_order_relaxed)
				: now;

	race_delay_until(&control->clock, now, from + delay);
}

#endif
