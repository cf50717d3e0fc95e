/* SPDX-License-Identifier: MIT */
/* The threads and processes that the lanes run in. */
#ifndef RACE_CREW_H
#define RACE_CREW_H

#include <pthread.h>
#include <sys/types.h>

#include "race/conduct.h"

struct race_crew {
	struct race_conductor *conductor;
	struct race_member {
		struct race_crew *crew;
		unsigned int lane;
		bool running;
		pthread_t thread; /* when pid is 0 */
		pid_t pid;
		int status; /* of waitpid(), once reaped */
	} members[RACE_MAX_LANES];
};

/**
 * Starts all lanes; processes first, so that no thread is copied half-way through something.
 * 0 or -errno with nothing left running.
 */
int race_crew_start(struct race_crew *crew, struct race_conductor *conductor);

/** Looks for lanes that ended without being told to, and stops the race if there is one. */
void race_crew_watch(struct race_crew *crew);

/**
 * Ends the race if it still runs and waits for the lanes, at most @bound_ms. Returns the number of
 * lanes that did not end.
 */
unsigned int race_crew_end(struct race_crew *crew, unsigned int bound_ms);

/** Leaves the threads that did not end behind, and kills the processes. */
void race_crew_abandon(struct race_crew *crew);

#endif
