// SPDX-License-Identifier: MIT
/*
 * How well can a timer aim? The engine arms one to interrupt the victim inside a call; here the
 * call is a loop that does nothing but look at the clock, so that the interrupt shows as a gap.
 */
#include "timers.h"

#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "race/clock.h"
#include "race/stats.h"

#define TRIES   200
#define IN_NS   20000
#define LOOK_NS 300000 /* from arming */
#define GAP_NS  1500   /* readings are this far apart only when something came between */

void bench_timers(void)
{
	double late[TRIES], gap[TRIES];
	struct race_clock clock;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	size_t seen = 0;
	int i;

	if (fd < 0)
		return;
	race_clock_calibrate(&clock);
	for (i = 0; i < TRIES; i++) {
		struct itimerspec when = { .it_value = { .tv_nsec = IN_NS } };
		uint64_t begin = race_ticks(), last, now, stop;

		timerfd_settime(fd, 0, &when, NULL);
		now = race_ticks();
		stop = begin + (uint64_t)(LOOK_NS * clock.ticks_per_ns);
		do {
			last = now;
			now = race_ticks();
		} while (now - last < GAP_NS * clock.ticks_per_ns && (int64_t)(stop - now) > 0);
		if (now - last < GAP_NS * clock.ticks_per_ns)
			continue;
		late[seen] = (double)(last - begin) / clock.ticks_per_ns - IN_NS;
		gap[seen++] = (double)(now - last) / clock.ticks_per_ns;
	}
	close(fd);
	printf("timers, due in %d us: %zu of %d seen within %d us\n", IN_NS / 1000, seen, TRIES,
	       LOOK_NS / 1000);
	if (!seen)
		return;
	printf("  late by p10/50/90   %.1f / %.1f / %.1f us\n",
	       race_quantile(late, seen, 0.1) / 1e3, race_quantile(late, seen, 0.5) / 1e3,
	       race_quantile(late, seen, 0.9) / 1e3);
	printf("  stall p10/50/90     %.1f / %.1f / %.1f us\n", race_quantile(gap, seen, 0.1) / 1e3,
	       race_quantile(gap, seen, 0.5) / 1e3, race_quantile(gap, seen, 0.9) / 1e3);
}
