/* SPDX-License-Identifier: MIT */
#ifndef SYS_WAITING_H
#define SYS_WAITING_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct sys_wait - a bounded wait for what nobody reports: look, pause, look again
 *
 *	struct sys_wait wait = sys_wait_for(bound_ms, pause_us);
 *
 *	do
 *		there = look();
 *	while (!there && sys_wait_again(&wait));
 *
 * The last look begins when the time is up: what came during a long pause is still seen, however
 * late the pause ended.
 */
struct sys_wait {
	uint64_t end_ms;
	unsigned int pause_us;
	bool last;
};

struct sys_wait sys_wait_for(unsigned int bound_ms, unsigned int pause_us);

/** Pauses; false, without a pause, when the look before was the last. */
bool sys_wait_again(struct sys_wait *wait);

#endif
