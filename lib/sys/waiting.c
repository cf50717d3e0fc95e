// SPDX-License-Identifier: MIT
#include "sys/waiting.h"

#include "sys/clock.h"

/* More than a look takes, and longer than a machine that is merely busy takes a CPU away. */
#define MOST_US 100000

struct sys_wait sys_wait_for(unsigned int bound_ms, unsigned int pause_us)
{
	return (struct sys_wait){
		.left_us = (uint64_t)bound_ms * 1000,
		.counted_us = sys_now_us(),
		.pause_us = pause_us,
		.last = !bound_ms,
	};
}

bool sys_wait_again(struct sys_wait *wait)
{
	const struct timespec pause = {
		.tv_sec = wait->pause_us / 1000000,
		.tv_nsec = wait->pause_us % 1000000 * 1000L,
	};
	uint64_t now, passed;

	if (wait->last)
		return false;
	nanosleep(&pause, NULL);
	now = sys_now_us();
	passed = now - wait->counted_us;
	if (passed > wait->pause_us + MOST_US)
		passed = wait->pause_us + MOST_US;
	wait->counted_us = now;
	wait->last = passed >= wait->left_us;
	wait->left_us -= wait->last ? wait->left_us : passed;
	return true;
}
