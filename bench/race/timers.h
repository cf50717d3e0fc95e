/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RACE_TIMERS_H
#define BENCH_RACE_TIMERS_H

/** Prints how late a timer interrupts the CPU that armed it, and for how long. */
void bench_timers(void);

#endif
