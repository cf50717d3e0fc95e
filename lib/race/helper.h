/* SPDX-License-Identifier: MIT */
/* A thread that acts for a perturbation while the lanes race. */
#ifndef RACE_HELPER_H
#define RACE_HELPER_H

#include <pthread.h>
#include <semaphore.h>

#include "race/control.h"

struct race_perturb;

/** How long a thread that takes the victim's CPU keeps it. */
#define RACE_PREEMPT_NS 20000

struct race_helper {
	struct race_perturb *perturb;
	void (*main)(struct race_helper *helper);
	pthread_t thread;
	bool running;
	atomic_int tid;
	atomic_bool quit;
	atomic_bool active;
	sem_t wake;
	RACE_PADDED atomic_uint_fast64_t request; /* the attempt it is to act in */
	RACE_PADDED atomic_uint_fast64_t begun;   /* the attempt it has begun to act in */
	atomic_uint_fast64_t finished;
	uint64_t delay_ticks;
};

/** Starts @main in a thread with all signals blocked. 0 or -errno. */
int race_helper_start(struct race_helper *helper, struct race_perturb *perturb,
		      void (*main)(struct race_helper *helper));

/** Moves the helper to the victim's CPU, with the given policy; FIFO at the lowest priority. */
void race_helper_place(struct race_helper *helper, int policy);

/** Keeps the CPU for RACE_PREEMPT_NS. */
void race_helper_keep_cpu(struct race_helper *helper);

/** Waits at most five seconds; helper->running stays true when it did not end. */
void race_helper_stop(struct race_helper *helper);

#endif
