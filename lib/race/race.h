/* SPDX-License-Identifier: MIT */
/*
 * A race: lanes of calls that meet at a barrier, attempt after attempt, at delays that the engine
 * searches for itself, and a verdict that says how hard it tried.
 *
 * The engine knows nothing of what the lanes do. It prints nothing, reads no environment and keeps
 * no global state; races may run one after another in one process.
 *
 * One attempt:
 *
 *	set_up            lane 0
 *	lane_set_up       each lane, at the same time
 *	-- barrier, delay --
 *	ops               each lane; the only part that is timed
 *	-- everybody done --
 *	classify, check   lane 0
 *	lane_tear_down    each lane, at the same time
 *	tear_down         lane 0
 */
#ifndef RACE_RACE_H
#define RACE_RACE_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define RACE_MAX_LANES 4
#define RACE_MAX_OPS   4
#define RACE_MAX_FLIPS 4
#define RACE_WHY_SIZE  256
#define RACE_LINE_SIZE 256

/** What one attempt came to. "First" is the scenario's own word: whose effect won. */
enum race_outcome {
	RACE_A_FIRST,      /**< lane 0 won */
	RACE_B_FIRST,      /**< another lane won */
	RACE_BOTH,         /**< both calls succeeded; neither saw the other */
	RACE_NEITHER,      /**< both calls failed */
	RACE_IN_WINDOW,    /**< only a call inside the other's window gives this */
	RACE_SETUP_FAILED, /**< the attempt never took place */
	RACE_OUTCOMES,
};

/** The word for an outcome as reports and evidence spell it ("a-first"). */
const char *race_outcome_name(enum race_outcome outcome);

/** One call of a lane. @call returns what the kernel said: >= 0, or -errno. */
struct race_op {
	const char *name;
	long (*call)(void *ctx, unsigned int lane);
};

/** The calls of one lane in order; the list ends at the first NULL @call. */
struct race_lane {
	const char *name;
	struct race_op ops[RACE_MAX_OPS];
};

/** What one lane did in one attempt. Times are ns after lane 0 started its first call. */
struct race_lane_result {
	long ret[RACE_MAX_OPS];
	int64_t start_ns;
	int64_t end_ns;
	int cpu;
};

/** One attempt as classify() and check() see it. */
struct race_attempt {
	uint64_t index; /**< from 1 */
	unsigned int lanes;
	enum race_outcome outcome; /**< set before check() */
	struct race_lane_result lane[RACE_MAX_LANES];
};

/** Why an invariant is broken; filled by race_why(). */
struct race_why {
	char text[RACE_WHY_SIZE];
};

/** Fills @why. Returns -1, so that a check may `return race_why(why, ...)`. */
int race_why(struct race_why *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum race_lane_kind {
	RACE_THREADS,   /**< all lanes are threads of the caller */
	RACE_PROCESSES, /**< lane 0 is a thread of the caller, the others are forked from it */
};

/** How the engine tells on which side of the window an attempt fell. */
enum race_flip_by {
	RACE_FLIP_BY_OUTCOME, /**< by classify() */
	RACE_FLIP_BY_END, /**< by whose last call returned first: for calls that always succeed */
};

/**
 * What races. Owned by the caller, constant during the race. Every hook but @classify may be NULL.
 *
 * With RACE_PROCESSES a hook that runs in a lane above 0 sees the copy of @ctx made by fork();
 * what the lanes hand to each other must come from race_shared_alloc(). Hooks must not longjmp
 * out; a thread that ends inside a hook (pthread_exit) ends the race as abandoned.
 */
struct race_scenario {
	const char *name; /**< letters, digits and "_.@-", under 96: it goes into replay lines */
	enum race_lane_kind kind;
	enum race_flip_by flip_by;
	unsigned int nlanes;
	struct race_lane lanes[RACE_MAX_LANES];
	/**
	 * Lanes, as bits 1 << lane, that look something up and act on it later, while others take
	 * it away: the window is open as long as such a lane is away in between, so it is the one
	 * to stall, and often.
	 */
	unsigned int exposed;
	void *ctx;

	/** Once in each lane, before the first attempt. 0 or -errno, which abandons the race. */
	int (*start)(void *ctx, unsigned int lane);
	/** Once in each lane, after the last attempt, when start() succeeded there. */
	void (*finish)(void *ctx, unsigned int lane);

	/** 0, or -errno with nothing left behind: RACE_SETUP_FAILED, no other hook is called. */
	int (*set_up)(void *ctx);
	/** 0, or -errno: this lane's ops do not run, RACE_SETUP_FAILED; tear-downs follow. */
	int (*lane_set_up)(void *ctx, unsigned int lane);
	void (*lane_tear_down)(void *ctx, unsigned int lane);
	void (*tear_down)(void *ctx);

	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
	/** Invariants of every attempt: 0 when they hold, else say why; the race ends as broken. */
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
	/**
	 * Costlier invariants, between attempts: every @audit_every attempts (0: once a second)
	 * and once at the end, after the last tear-down.
	 */
	int (*audit)(void *ctx, struct race_why *why);
	uint64_t audit_every;

	/** Makes the next attempts' window wider (more handles, more waiters); 0 is not at all. */
	int (*widen)(void *ctx, unsigned int level);
	/** A slow call that holds a mutex which the lanes need; runs in a helper thread. */
	void (*hold)(void *ctx);
};

/** How to run it. Zero-initialised, it is a two-second race with seed 0. */
struct race_options {
	uint64_t seed;
	uint64_t time_ms;      /**< 0: 2000 */
	uint64_t max_attempts; /**< 0: as many as fit in the time */
	/** A race_hit's or an announced line's replay string, or NULL. Borrowed. */
	const char *replay;
	/**
	 * Perturbations: NULL or "all", "none", or a comma-separated list of names
	 * ("timer,epoll"), each may be negated ("all,!ipi"). Borrowed.
	 */
	const char *perturb;
	/** Asked about fifty times a second; true ends the race as abandoned. */
	bool (*should_stop)(void *ctx);
	void *stop_ctx;
	/**
	 * For what shows elsewhere than in an attempt's results, as in the kernel log. Asked by the
	 * caller's thread, about fifty times a second and once after the last attempt; non-zero,
	 * with @why, ends the race as broken.
	 */
	int (*watch)(void *ctx, struct race_why *why);
	void *watch_ctx;
	/**
	 * Given one line without newline before attempts start around a new place, so that it can
	 * reach the kernel log before the kernel dies of them. Called from lane 0's thread.
	 */
	void (*announce)(void *ctx, const char *line);
	void *announce_ctx;
	/** A call that takes longer than this, in ms as struct sys_wait counts, hangs. 0: 10000. */
	unsigned int hang_ms;
};

enum race_verdict {
	RACE_HELD,         /**< no invariant broke, and the window was aimed at */
	RACE_BROKEN,       /**< an invariant broke, or a call never came back */
	RACE_UNDERPOWERED, /**< nothing broke, but that says nothing */
	RACE_ABANDONED,    /**< stopped from outside, or the scenario itself failed */
};

/** The word for a verdict as reports and evidence spell it ("held"). */
const char *race_verdict_name(enum race_verdict verdict);

/** A place where the outcome changes from @before to @after as @lane starts later. */
struct race_flip {
	unsigned int lane;
	enum race_outcome before, after;
	double at_ns;         /**< start of @lane after the start of lane 0 */
	double sigma_ns;      /**< spread of the change, alignment noise included */
	uint64_t attempts[2]; /**< seen on either side within five sigma */
};

/** The attempt that broke an invariant. */
struct race_hit {
	struct race_attempt attempt;
	double delay_ns[RACE_MAX_LANES]; /**< planned, after the barrier */
	char perturb[16];
	char why[RACE_WHY_SIZE];
	char replay[RACE_LINE_SIZE]; /**< for race_options.replay */
};

#define RACE_SKEW_BUCKETS  64
#define RACE_PERTURB_KINDS 8

/** What one kind of perturbation did. */
struct race_perturb_report {
	const char *name;
	const char *skipped; /**< why it was not used, or NULL */
	uint64_t attempts;
	uint64_t stalled; /**< attempts among them in which the victim was seen to be stalled */
	uint64_t paid;    /**< ... and with the rare outcome */
	double seconds;   /**< spent on them */
};

struct race_preflight {
	int cpus;              /**< the process may use */
	double effective_cpus; /**< that ran at the same time */
	double meetings_per_s;
	double skew_ns[3];       /**< p10, p50, p90 with the chosen alignment */
	double other_skew_ns[3]; /**< the same with the other one; all 0: not tried */
	bool tsc_deadline;       /**< chosen, rather than the bare barrier */
	double tsc_ghz;          /**< 0: no TSC, clock_gettime() */
	double loops_per_ns;     /**< of the delay loop */
};

/** What came of it. Plain data, no pointers to free. */
struct race_report {
	enum race_verdict verdict;
	char reason[RACE_WHY_SIZE]; /**< one line, for every verdict */
	uint64_t seed;
	double seconds;
	struct race_preflight preflight;

	uint64_t attempts;    /**< that took place (set-up failures are not counted) */
	uint64_t aligned;     /**< started within the alignment noise of the plan */
	uint64_t overlapped;  /**< lane 0's calls and another lane's ran at the same time */
	uint64_t near_flip;   /**< aligned and within five sigma of a flip */
	uint64_t informative; /**< near a flip, or classified as in the window */
	double upper_bound; /**< of the hit probability per informative attempt, 95 %; 1 if none */
	uint64_t outcomes[RACE_OUTCOMES];
	uint64_t recalibrations;
	uint64_t rotations;
	uint64_t audits;

	double duration_ns[RACE_MAX_LANES]; /**< median */
	double range_ns[RACE_MAX_LANES][2]; /**< of the start after lane 0 that was swept */
	double delay_ns;                    /**< planned for the lane that waits longest, mean */
	double skew_ns[3];                  /**< achieved minus planned: p10, p50, p90 */
	/**
	 * Achieved start of lane 1 after lane 0. Bucket 32 + k holds 2^(k-1) <= ns < 2^k,
	 * bucket 31 - k the same negated; 32 holds [0, 1), 31 holds (-1, 0).
	 */
	uint64_t skew[RACE_SKEW_BUCKETS];

	unsigned int nflips;
	struct race_flip flips[RACE_MAX_FLIPS];
	struct race_perturb_report perturb[RACE_PERTURB_KINDS];
	unsigned int nperturb;
	/** Who was left behind, and where: end the process soon. Empty when nobody was. */
	char stuck[RACE_WHY_SIZE];
	bool replayed;       /**< race_options.replay was for this scenario and was followed */
	struct race_hit hit; /**< when broken; attempt.index is 0 where it was not one attempt's */
};

/**
 * Runs the race to its verdict. Returns 0 with *@ret_report written, or -EINVAL (a scenario or an
 * option that makes no sense), -ENOMEM, -EAGAIN (no thread or process).
 *
 * Does not return before every lane has ended, except when one is stuck in a call for longer than
 * options->hang_ms (then the verdict is broken), or when one, or a helper of the engine, does not
 * end within seconds after the race has. They are left behind, report->stuck tells who, and the
 * caller should end the process after reporting.
 */
int race_run(const struct race_scenario *scenario, const struct race_options *options,
	     struct race_report *ret_report);

/** What a program is started with to go back: the seed, and a replay string. */
#define RACE_SETTINGS "GEMRACE_SEED=%" PRIu64 " GEMRACE_REPLAY=%s"

/** Whether race_options.perturb and .replay would be understood. 0, or -EINVAL. */
int race_perturb_check(const char *list);
int race_replay_check(const char *text);

/** The version of the evidence format; see docs/evidence.md. */
#define RACE_EVIDENCE_VERSION 1

/** Writes the report as one JSON object and a newline. Returns 0, or -EIO. */
int race_evidence_write(FILE *out, const struct race_scenario *scenario,
			const struct race_report *report);

/** Zeroed memory that processes forked later share, or NULL. */
void *race_shared_alloc(size_t size);
void race_shared_free(void *ptr, size_t size);

#endif
