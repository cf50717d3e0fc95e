/* SPDX-License-Identifier: MIT */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>
#include <time.h>

/** CLOCK_MONOTONIC in microseconds. */
static inline uint64_t sys_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/** The same in milliseconds: for how long a test goes on. */
static inline uint64_t sys_now_ms(void)
{
	return sys_now_us() / 1000;
}

#endif
