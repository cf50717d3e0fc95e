/* SPDX-License-Identifier: MIT */
#ifndef IGT_STATE_H
#define IGT_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "igt/options.h"
#include "igt/result.h"
#include "igt/ring.h"

/* Internal to lib/igt. */

#define IGT_NAME_MAX   250 /* igt_runner's limit for a subtest's name, NUL included */
#define IGT_REASON_MAX 512

/* What the main thread of this process is in. */
enum igt_phase {
	IGT_OUTSIDE,
	IGT_IN_FIXTURE,
	IGT_IN_SUBTEST,
	IGT_IN_DYNAMIC,
	IGT_IN_OBSERVER,
};

enum igt_role {
	IGT_HARNESS, /* the process that igt_runner started */
	IGT_SUBTEST, /* runs one subtest */
	IGT_CHILD,   /* from igt_fork() */
};

/*
 * What threads, children and the subtest's process hand over: for each result the first to come
 * with it. The strongest counts, so a skip that came first hides no failure. Written without locks:
 * a writer may be killed half-way, or be a signal handler.
 */
struct igt_outcome {
	_Atomic bool any; /* one is on its way at least */
	struct igt_outcome_slot {
		_Atomic bool claimed; /* by the first */
		_Atomic bool set;     /* and all is written */
		int sig;              /* of a crash */
		char reason[IGT_REASON_MAX];
	} slot[IGT_RESULT_ABORT + 1];
};

/* Memory that all processes of a test share. One subtest runs at a time. */
struct igt_shared {
	struct igt_outcome subtest;  /* the subtest's, from its process */
	struct igt_outcome children; /* the first failure or skip of an igt_fork() child */
	_Atomic bool dynamic_running;
	char dynamic[IGT_NAME_MAX];
	int64_t dynamic_began;        /* ns, CLOCK_MONOTONIC */
	_Atomic bool dynamic_offered; /* there was a dynamic subtest to choose from */
	_Atomic bool dynamic_matched; /* and one was chosen */
	struct igt_ring ring;
};

struct igt_state {
	struct igt_options options;
	const char *test; /* the binary's name */
	uint32_t seed;
	bool destructive; /* subtests that may kill the kernel are allowed */
	enum igt_role role;
	enum igt_phase phase;
	bool with_dynamic;              /* the running subtest has dynamic ones */
	enum igt_result dynamic_result; /* theirs so far */
	char subtest[IGT_NAME_MAX];     /* "" outside */
	char dynamic[IGT_NAME_MAX];
	int64_t subtest_began;      /* ns, CLOCK_MONOTONIC */
	struct igt_outcome threads; /* the first failure or skip of a thread of this process */
	struct igt_shared *shared;
};

extern struct igt_state igt_state;

int64_t igt_now(void); /* ns, CLOCK_MONOTONIC */
double igt_seconds_since(int64_t began);
bool igt_is_main_thread(void);

/* Record, unless there is the same result already. Async-signal-safe. */
void igt_outcome_set(struct igt_outcome *outcome, enum igt_result result, int sig,
		     const char *reason);
void igt_outcome_clear(struct igt_outcome *outcome);
/* The strongest result, or IGT_RESULT_NONE; and what came with it. */
enum igt_result igt_outcome_get(const struct igt_outcome *outcome);
int igt_outcome_sig(const struct igt_outcome *outcome);
const char *igt_outcome_reason(const struct igt_outcome *outcome);

/*
 * End what the calling thread is in: its body, its thread or its child process.
 * igt_end_body() is the main thread's part, in subtest.c.
 */
void igt_end(enum igt_result result, int sig, const char *reason) __attribute__((noreturn));
void igt_end_body(enum igt_result result, int sig, const char *reason) __attribute__((noreturn));

/* log.c: dump the ring to stderr between the DEBUG markers. Async-signal-safe. */
void igt_log_dump(const char *kind, const char *name);
/* Apply IGT_LOG_LEVEL and --debug. Returns -EINVAL for an unknown level. */
int igt_log_init(void);

/* exit.c: run this process's exit handlers, once. */
void igt_run_exit_handlers(int sig);
/* Run exit handlers and leave. */
void igt_leave(int code) __attribute__((noreturn));

/* signal.c */
void igt_signals_install(void);
const char *igt_signal_name(int sig);
/* While set the harness notes a terminating signal here and leaves it to the waiter. */
extern _Atomic bool igt_signals_deferred;
extern _Atomic int igt_signal_pending;
void igt_die_of(int sig) __attribute__((noreturn));

/* child.c */
int igt_reap(pid_t pid, unsigned int timeout_ms, int *ret_status); /* 0 or -ETIMEDOUT */
/* Kill what igt_fork() left; returns how many were still there. */
int igt_children_sweep(void);
void igt_children_forget(void);
void igt_children_signal(int sig); /* async-signal-safe */

/* isolate.c: run the subtest in a child. In the child returns true, in the parent false. */
bool igt_isolate(void);

/* subtest.c: print and count a subtest's end. */
void igt_report_subtest(enum igt_result result, int sig, const char *reason);
/* The same behind the observers' settle(): the end of a subtest whose process is gone. */
void igt_settle_and_report(enum igt_result result, int sig, const char *reason);

#endif
