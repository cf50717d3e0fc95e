/* SPDX-License-Identifier: MIT */
/*
 * Time as the measured path sees it: ticks of the TSC where there is one (no system call, and TCG
 * emulates it), of CLOCK_MONOTONIC elsewhere; and a delay loop finer than either.
 */
#ifndef RACE_CLOCK_H
#define RACE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t race_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#if defined(__x86_64__) || defined(__i386__)
#define RACE_HAS_TSC 1
static inline uint64_t race_ticks(void)
{
	uint32_t lo, hi;

	/* lfence: the calls before must not run past the reading, nor those after ahead of it */
	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}
#else
#define RACE_HAS_TSC 0
static inline uint64_t race_ticks(void)
{
	return race_now_ns();
}
#endif

/** What one unit of delay costs; measured, and measured again every epoch. */
struct race_clock {
	double ticks_per_ns;
	uint64_t ns_per_tick; /* 12.20 fixed point, for the measured path */
	double loops_per_ns;
	uint64_t tail_ticks;     /* the end of a delay that is left to the loop */
	uint64_t loops_per_tick; /* 16.16 fixed point: nothing to convert in the measured path */
};

/**
 * Spins for @loops iterations of about one CPU cycle. One copy of the code, at one alignment, for
 * whoever calibrates it and whoever uses it: the same loop elsewhere can take twice as long.
 */
void race_delay_loops(uint64_t loops);

/**
 * Spins until tick @until: by the loop for half of what is left, again and again, with one reading
 * of the clock in between, and by the loop alone for the last few readings' worth.
 *
 * The clock alone would start calls on a comb as coarse as one reading and, under TCG, where each
 * reading takes a lock that is not fair, would keep the other lanes from reading theirs for tens
 * of microseconds. The loop alone runs at half its speed or double on a machine that is shared.
 */
static inline void race_delay_until(const struct race_clock *clock, uint64_t now, uint64_t until)
{
	while ((int64_t)(until - now) > (int64_t)clock->tail_ticks) {
		race_delay_loops((until - now) * clock->loops_per_tick >> 17);
		now = race_ticks();
	}
	if ((int64_t)(until - now) > 0)
		race_delay_loops((until - now) * clock->loops_per_tick >> 16);
}

/** What a difference of ticks, of either sign, is in ns; good for an hour. */
static inline int64_t race_ticks_to_ns(const struct race_clock *clock, uint64_t ticks)
{
	return ((int64_t)ticks * (int64_t)clock->ns_per_tick) >> 20;
}

/** Measures ticks against CLOCK_MONOTONIC over about ten milliseconds, and the delay loop. */
void race_clock_calibrate(struct race_clock *clock);

/** Measures the delay loop and the cost of a reading: some tens of microseconds. */
void race_clock_calibrate_loops(struct race_clock *clock);

#endif
