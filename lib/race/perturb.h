/* SPDX-License-Identifier: MIT */
/*
 * Perturbations: ways to stall a lane inside its call, so that a window of some instructions stays
 * open for microseconds. Attempts come in blocks; a block is undisturbed or uses one kind. Kinds
 * that make rare outcomes are chosen more often, and all of them together get a bounded share of
 * the time.
 */
#ifndef RACE_PERTURB_H
#define RACE_PERTURB_H

#include "race/control.h"
#include "race/cpus.h"
#include "race/helper.h"
#include "race/rng.h"
#include "race/search.h"
#include "race/stats.h"

#define RACE_PERTURB_NONE (-1)
#define RACE_MAX_WAITERS  256

struct race_perturb {
	struct race_control *control;
	struct race_cpus *cpus;
	struct race_rng rng;
	const char *skipped[RACE_PERTURB_KINDS]; /* why not, or NULL */
	bool open[RACE_PERTURB_KINDS];
	uint64_t attempts[RACE_PERTURB_KINDS], stalled[RACE_PERTURB_KINDS];
	uint64_t paid[RACE_PERTURB_KINDS];
	double spent_ms[RACE_PERTURB_KINDS];
	uint64_t outcomes[RACE_OUTCOMES];

	const struct race_replay *replay;       /* the place to come back to, or NULL */
	int prefer;                             /* its kind, or RACE_PERTURB_NONE */
	int kind;                               /* of the block, or RACE_PERTURB_NONE */
	unsigned int left;                      /* attempts in the block */
	uint64_t begin, block_begin, block_end; /* ticks */
	unsigned int victim;
	unsigned int level;        /* "work" */
	double phase_ns;           /* of the stall, after the victim's start */
	struct race_ring slack_ns; /* from arming to the victim's start, its delay taken off */
	double median_slack_ns;
	double late_ns; /* of timers */

	int timer[RACE_MAX_LANES];      /* timerfd; -1: none */
	int wide_timer[RACE_MAX_LANES]; /* with many epoll waiters */
	int epoll;
	int waiters[RACE_MAX_LANES][RACE_MAX_WAITERS]; /* duplicates of wide_timer */
	int preempt_timer;
	bool leaves_idle; /* SCHED_IDLE is not for ever */
	struct race_helper preempter, waker, kicker, holder;
};

/** One kind. All hooks but @name may be NULL. */
struct race_perturb_ops {
	const char *name;
	double stall_ns; /**< how long the victim is away, about */
	bool by_timer;   /**< it comes as late as timers do on this machine */
	bool asked_for;  /**< the scenario offers it by a hook: it is likelier to pay */
	/** Before the lanes start. NULL, or why it cannot be used. */
	const char *(*open)(struct race_perturb *perturb);
	/** After the lanes ended; also after open() refused half-way. */
	void (*close)(struct race_perturb *perturb);
	/** A block begins or ends: in lane 0, between attempts or after one that was stopped. */
	void (*begin)(struct race_perturb *perturb);
	void (*end)(struct race_perturb *perturb);
	/** In the victim's lane, set up and about to enter the barrier. @in_ns: until the stall. */
	void (*arm)(struct race_perturb *perturb, unsigned int lane, uint64_t seq, double in_ns);
	/** In a lane that is not the victim, just before its calls. */
	void (*strike)(struct race_perturb *perturb);
	/** In lane 0, all calls back, before anything is judged. False when stopped. */
	bool (*settle)(struct race_perturb *perturb, uint64_t seq);
};

extern const struct race_perturb_ops race_perturb_timer, race_perturb_epoll, race_perturb_preempt,
	race_perturb_idle, race_perturb_resched, race_perturb_membarrier, race_perturb_work,
	race_perturb_hold;

/**
 * Opens the kinds that @wanted (race_options.perturb) names; @replay, when not NULL, may name one
 * to come back to, and is borrowed. 0, or -EINVAL for an unknown name, with nothing open.
 */
int race_perturb_open(struct race_perturb *perturb, struct race_control *control,
		      struct race_cpus *cpus, const char *wanted, const struct race_replay *replay,
		      uint64_t seed);

/** False when a helper is stuck in a call, and must be left behind. */
bool race_perturb_close(struct race_perturb *perturb);

/** In lane 0, one attempt less is left of the block: may start another one. */
void race_perturb_turn(struct race_perturb *perturb, const struct race_search *search);

/** In lane 0, the block or the race is over: no lane is to stay a victim. Twice does no harm. */
void race_perturb_end(struct race_perturb *perturb);

/** In the clerk: changes the @aim of an attempt that is to be disturbed. */
void race_perturb_plan(struct race_perturb *perturb, const struct race_search *search,
		       struct race_aim *aim);

/** In every lane, set up and about to enter the barrier. */
void race_perturb_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq,
		      double delay_ns);

/** The lane that is to strike in the attempt that was planned, or -1. */
int race_perturb_striker(const struct race_perturb *perturb);
void race_perturb_strike(struct race_perturb *perturb);

/** In lane 0, all calls back. False when stopped. */
bool race_perturb_settle(struct race_perturb *perturb, uint64_t seq);

/** In lane 0: what the attempt came to. */
void race_perturb_learn(struct race_perturb *perturb, const struct race_search *search,
			enum race_outcome outcome);

/** A kind that can stand in for a stall that nobody planned, or "". */
const char *race_perturb_stand_in(const struct race_perturb *perturb);

/** The name of the kind in use, or "". */
const char *race_perturb_name(const struct race_perturb *perturb);
void race_perturb_report(const struct race_perturb *perturb, struct race_report *report);

/** For the kinds: arms a timerfd to fire once, @in_ns from now. */
void race_timer_set(int fd, double in_ns);

/** For the kinds: how late a timer interrupts the CPU that armed it, ns; 0 when it never did. */
double race_timer_lateness(const struct race_clock *clock);

#endif
