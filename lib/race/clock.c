// SPDX-License-Identifier: MIT
#include "race/clock.h"

#include "race/stats.h"

#define WINDOW_NS   10000000u
#define BURSTS      9
#define BURST_LOOPS 4000u

/* a delay's last readings of the clock that the loop takes over */
#define TAIL_READINGS 3

__attribute__((noinline, aligned(64))) void race_delay_loops(uint64_t loops)
{
	while (loops--)
		__asm__ volatile("" : "+r"(loops));
}

void race_clock_calibrate_loops(struct race_clock *clock)
{
	double cost[BURSTS];
	int i;

	for (i = 0; i < BURSTS; i++) {
		uint64_t start = race_ticks();

		race_delay_loops(BURST_LOOPS);
		cost[i] = (double)(race_ticks() - start) / clock->ticks_per_ns / BURST_LOOPS;
	}
	/* the lower quartile: an interrupt or a hypervisor only ever adds to a burst */
	cost[0] = race_quantile(cost, BURSTS, 0.25);
	if (cost[0] > 0)
		clock->loops_per_ns = 1.0 / cost[0];
	clock->loops_per_tick = (uint64_t)(clock->loops_per_ns / clock->ticks_per_ns * 65536.0);

	for (i = 0; i < BURSTS; i++) {
		uint64_t start = race_ticks();

		cost[i] = (double)(race_ticks() - start);
	}
	clock->tail_ticks = (uint64_t)(TAIL_READINGS * race_quantile(cost, BURSTS, 0.5));
}

void race_clock_calibrate(struct race_clock *clock)
{
	uint64_t ns0 = race_now_ns(), ticks0 = race_ticks();
	uint64_t ns1, ticks1;

	do {
		ns1 = race_now_ns();
		ticks1 = race_ticks();
	} while (ns1 - ns0 < WINDOW_NS);

	clock->ticks_per_ns = RACE_HAS_TSC ? (double)(ticks1 - ticks0) / (double)(ns1 - ns0) : 1.0;
	if (!(clock->ticks_per_ns > 0))
		clock->ticks_per_ns = 1.0;
	clock->ns_per_tick = (uint64_t)(0x1p20 / clock->ticks_per_ns + 0.5);
	clock->loops_per_ns = 1.0;
	race_clock_calibrate_loops(clock);
}
