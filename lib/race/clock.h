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
	double loops_per_ns;
};

/**
 * Spins for @loops iterations of about one CPU cycle. One copy of the code, at one alignment, for
 * whoever calibrates it and whoever uses it: the same loop elsewhere can take twice as long.
 */
void race_delay_loops(uint64_t loops);

/** Measures ticks against CLOCK_MONOTONIC over about ten milliseconds, and the delay loop. */
void race_clock_calibrate(struct race_clock *clock);

/** Measures the delay loop alone: some tens of microseconds. Median of several bursts. */
void race_clock_calibrate_loops(struct race_clock *clock);

#endif
