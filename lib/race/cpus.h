/* SPDX-License-Identifier: MIT */
/* The CPUs a race may use, and which lane sits on which. */
#ifndef RACE_CPUS_H
#define RACE_CPUS_H

#include <sched.h>

#define RACE_MAX_CPUS CPU_SETSIZE

struct race_cpus {
	int count;
	int id[RACE_MAX_CPUS];
};

/** Reads the caller's affinity. 0 or -errno. */
int race_cpus_read(struct race_cpus *ret_cpus);

/**
 * The CPU of @lane in rotation @turn: neighbours first, then every pair and both orders of it,
 * since caches, SMT siblings and interrupts make no two pairs alike. Needs count >= lanes.
 */
int race_cpus_pick(const struct race_cpus *cpus, unsigned int lane, unsigned int turn);

#endif
