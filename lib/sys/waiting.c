// SPDX-License-Identifier: MIT
#include "sys/waiting.h"

#include "sys/clock.h"

struct sys_wait sys_wait_for(unsigned int bound_ms, unsigned int pause_us)
{
	return (struct sys_wait){
		.end_ms = sys_now_ms() + bound_ms,
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

	if (wait->last)
		return false;
	nanosleep(&pause, NULL);
	wait->last = sys_now_ms() >= wait->end_ms;
	return true;
}
