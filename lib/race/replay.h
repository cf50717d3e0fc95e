/* SPDX-License-Identifier: MIT */
/*
 * A place to go back to, as text that survives a panic and fits a command line without quotes:
 *
 *	v=1,race=NAME,seed=N,at=NS[:NS...],sigma=NS[,off=NS[:NS...]][,perturb=NAME:LANE:NS]
 *
 * at: each lane's start after lane 0, lanes 1 and up; off: the same from the nearest flip;
 * perturb: which lane was stalled, and how long after its start.
 */
#ifndef RACE_REPLAY_H
#define RACE_REPLAY_H

#include <stdbool.h>

#include "race/race.h"

struct race_replay {
	char race[96];
	uint64_t seed;
	unsigned int lanes; /* 0: nothing */
	double at[RACE_MAX_LANES];
	double off[RACE_MAX_LANES];
	bool from_flip; /* off is there */
	double sigma;
	char perturb[16];
	unsigned int victim;
	double phase;
};

/** Reads @text. 0, or -EINVAL. */
int race_replay_parse(const char *text, struct race_replay *ret_replay);

/** Writes at most @size bytes. 0, or -ENAMETOOLONG. */
int race_replay_format(const struct race_replay *replay, char *out, size_t size);

#endif
