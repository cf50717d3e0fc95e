/* SPDX-License-Identifier: MIT */
#ifndef IGT_CHILD_H
#define IGT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * igt_fork - run the following block in @count children; @child is the index, from 0
 *
 *	igt_fork(i, 4)
 *		hammer(i);
 *	igt_waitchildren();
 *
 * The block ends the child as passed when it is left; an assertion in it ends the child as failed,
 * igt_skip() as skipped. A child dies with its parent, and none outlives the subtest or fixture
 * that forked it.
 */
#define igt_fork(child, count)                                                                     \
	for (int child = igt_fork_all(count); child >= 0; child = igt_child_done())

/* Wait for every child of igt_fork(); a failed, skipped or crashed one ends the caller so. */
void igt_waitchildren(void);
/* The same with a bound; children still alive are killed, and the subtest fails. */
void igt_waitchildren_timeout(unsigned int seconds, const char *what);

/**
 * igt_thread_failed - has any thread of this process failed or skipped?
 *
 * For loops of racing threads: leave when it is true. Cheap: one relaxed load.
 */
bool igt_thread_failed(void);
/* In the main thread: end the subtest with a racing thread's result, if there is one. */
void igt_thread_check(void);

/**
 * igt_set_timeout - fail the running subtest unless it is over in @seconds; 0 calls it off
 *
 * @what: the operation, named in the failure: "Timed out: WHAT".
 */
void igt_set_timeout(unsigned int seconds, const char *what);
#define igt_reset_timeout() igt_set_timeout(0, NULL)

/**
 * igt_install_exit_handler - have @handler called when this process ends
 *
 * Handlers run once, last installed first, in the process that installed them: never in a child
 * forked later. @sig is 0 at an ordinary end, else the signal; then the handler runs in a signal
 * handler and must keep to async-signal-safe calls. A subtest that runs in a child of its own ends
 * that child, so handlers it installs run at its end.
 */
typedef void (*igt_exit_handler)(int sig);
void igt_install_exit_handler(igt_exit_handler handler);

/* For internal use by igt_fork(). */
int igt_fork_all(int count);
int igt_child_done(void) __attribute__((noreturn));

#endif
