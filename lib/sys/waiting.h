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
 *
 * What counts is time in which something can happen. A busy host stops a VM for seconds, and then
 * the clock has gone on while what is waited for has not: of the time from one pause to the next no
 * more than the pause and a tenth of a second counts. So there are at least as many looks as fit
 * into the bound that way, and the clock may show more than the bound in the end.
 */
struct sys_wait {
	uint64_t left_us;
	uint64_t counted_us;   /* when time was counted last, CLOCK_MONOTONIC */
	unsigned int pause_us; /* may be changed between two looks */
	bool last;             /* the next look is, or the one before was, the last */
};

struct sys_wait sys_wait_for(unsigned int bound_ms, unsigned int pause_us);

/** Pauses; false, without a pause, when the look before was the last. */
bool sys_wait_again(struct sys_wait *wait);

#endif
