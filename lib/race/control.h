/* SPDX-License-Identifier: MIT */
/*
 * What the lanes share: the barrier, the orders for the attempt at hand, the results. One block,
 * shared memory, so that it serves threads and processes alike. Each line that one lane writes
 * while another spins on it stands alone on its cache lines.
 */
#ifndef RACE_CONTROL_H
#define RACE_CONTROL_H

#include <stdatomic.h>

#include "race/clock.h"
#include "race/race.h"

/* two lines: the adjacent-line prefetcher pairs them */
#define RACE_PADDED _Alignas(128)

struct race_conductor;
struct race_perturb;

enum race_stop {
	RACE_STOP_NONE,
	RACE_STOP_DONE,   /* time or attempts are used up */
	RACE_STOP_BROKEN, /* an invariant broke */
	RACE_STOP_ASKED,  /* should_stop() */
	RACE_STOP_LANE,   /* a lane ended on its own */
	RACE_STOP_HOOK,   /* start() failed */
	RACE_STOP_HANG,   /* a call did not come back */
};

/* What the lanes do once the orders are out. */
enum race_task {
	RACE_DO_RACE, /* set up, meet, call */
	RACE_DO_MEET, /* meet and take the time, no calls: the preflight */
	RACE_DO_SPIN, /* spin for a while and count the time that was really spent */
};

/* who does not end within this is stuck in the kernel, or never gets a CPU */
#define RACE_END_MS 5000
/* not synchronisation: threads come and go on their own, this is how often to look */
#define RACE_LOOK_US 200

/* how long RACE_DO_SPIN spins */
#define RACE_SPIN_NS 2000000

/* What one lane writes. */
struct race_slot {
	RACE_PADDED atomic_uint_fast64_t arrived; /* the barrier: the attempt it is ready for */
	RACE_PADDED atomic_uint_fast64_t done;    /* the attempt whose calls have returned */
	uint64_t start, end;                      /* ticks; published by done */
	long ret[RACE_MAX_OPS];
	int setup;                    /* what lane_set_up() returned */
	uint64_t ran;                 /* RACE_DO_SPIN: ticks without the gaps */
	uint64_t armed;               /* ticks when a perturbation was armed */
	atomic_uint_fast64_t cleared; /* the attempt whose lane_tear_down() has returned */
	atomic_uint op;               /* 1 + the call it is in, 0: none; for the hang report */
	atomic_int gone;              /* the lane has ended */
	atomic_int cpu;
	atomic_int tid;
};

/* When to start in the next attempt, written by the clerk before it publishes planned. */
struct race_delays {
	uint64_t ticks[RACE_MAX_LANES]; /* after the barrier or the deadline */
	double ns[RACE_MAX_LANES];      /* the same */
	int striker;                    /* the lane that perturbs just before its call, or -1 */
};

/* What to do in it, written by lane 0 before it publishes go. */
struct race_orders {
	enum race_task task;
	bool move; /* to these CPUs first */
	int cpu[RACE_MAX_LANES];
};

struct race_control {
	RACE_PADDED atomic_uint_fast64_t go;       /* the attempt whose orders are out */
	RACE_PADDED atomic_uint_fast64_t planned;  /* the attempt whose delays are ready */
	RACE_PADDED atomic_uint_fast64_t settled;  /* the attempt that is judged */
	RACE_PADDED atomic_uint_fast64_t deadline; /* ticks; written by lane 0 in the barrier */
	RACE_PADDED atomic_int stop;               /* enum race_stop; first one wins */
	atomic_bool finish;                        /* lane 0 ends the race after this attempt */
	atomic_bool asked;                         /* ... because should_stop() said so */
	RACE_PADDED atomic_uint_fast64_t beat;     /* goes up while lane 0 gets on */
	atomic_int stop_lane;                      /* which lane, where that matters */
	atomic_int stop_error;                     /* -errno */
	RACE_PADDED struct race_orders orders;
	RACE_PADDED struct race_delays delays;
	RACE_PADDED bool tsc_deadline;
	unsigned int nlanes;
	const struct race_scenario *scenario;
	struct race_clock clock;
	struct race_perturb *perturb;
	struct race_conductor *conductor; /* for the clerk */
	struct race_slot slot[RACE_MAX_LANES];
};

static inline bool race_stopped(struct race_control *control)
{
	return atomic_load_explicit(&control->stop, memory_order_relaxed) != RACE_STOP_NONE;
}

/** Ends the race; the first reason stands. */
void race_stop(struct race_control *control, enum race_stop why, int lane, int error);

#endif
