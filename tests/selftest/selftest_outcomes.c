// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_outcomes
 * Description: Every way a subtest can end. Part of the harness's own tests: most of these must
 *		not pass, and the harness must say of each what it is.
 *
 * SUBTEST: pass
 * Description: Passes.
 *
 * SUBTEST: skip
 * Description: Skips from the main thread.
 *
 * SUBTEST: fail
 * Description: Fails from the main thread, with debug lines to dump.
 *
 * SUBTEST: warn
 * Description: Passes with a line on stderr: "warn" for igt_runner.
 *
 * SUBTEST: fail-in-thread
 * Description: A racing thread fails; the main thread notices nothing.
 *
 * SUBTEST: skip-in-thread
 * Description: A racing thread skips.
 *
 * SUBTEST: fail-in-child
 * Description: One of four children of igt_fork() fails while the others wait for ever.
 *
 * SUBTEST: skip-in-child
 * Description: A child of igt_fork() skips.
 *
 * SUBTEST: crash-in-child
 * Description: A child of igt_fork() dies of SIGSEGV.
 *
 * SUBTEST: crash-in-thread
 * Description: A racing thread dies of SIGSEGV.
 *
 * SUBTEST: crash
 * Description: Dies of SIGSEGV.
 *
 * SUBTEST: crash-abort
 * Description: Dies of abort(3).
 *
 * SUBTEST: crash-killed
 * Description: Dies of SIGKILL, as at the hands of the OOM killer.
 *
 * SUBTEST: crash-stack-overflow
 * Description: Recurses until the stack is gone.
 *
 * SUBTEST: harness-killed
 * Description: The process that igt_runner started dies of SIGKILL: "incomplete".
 *
 * SUBTEST: exit-early
 * Description: The process leaves by exit(3) without a result: a failure.
 *
 * SUBTEST: left-by-break
 * Description: The block is left by break: a failure of the test's author.
 *
 * SUBTEST: forgotten-children
 * Description: Children still running at the end: a failure of the test's author.
 *
 * SUBTEST: observer-fails
 * Description: The body passes, an observer's after() does not agree.
 *
 * SUBTEST: settle-fails
 * Description: The body passes, an observer's settle() does not agree.
 *
 * SUBTEST: timed-out
 * Description: Runs into igt_set_timeout().
 *
 * SUBTEST: dynamic-mix
 * Description: Dynamic subtests that pass, skip and fail: fails.
 *
 * SUBTEST: dynamic-crash
 * Description: The second dynamic subtest dies of SIGSEGV.
 *
 * SUBTEST: dynamic-skip
 * Description: All dynamic subtests skip: skips.
 *
 * SUBTEST: dynamic-none
 * Description: Has no dynamic subtest to run: skips.
 *
 * SUBTEST: group-skip-*
 * Description: In a group whose fixture skips: skips without having started.
 *
 * SUBTEST: group-fail-*
 * Description: In a group whose fixture fails: fails without having started.
 *
 * SUBTEST: nested-group
 * Description: In a healthy group within which another one's fixture failed: passes.
 *
 * SUBTEST: hang
 * Description: Waits for ever, until SIGQUIT.
 *
 * SUBTEST: hang-deaf
 * Description: Waits for ever and ignores SIGQUIT.
 *
 * SUBTEST: stop-the-run
 * Description: Finds the machine unfit: exit 112, igt_runner starts nothing more.
 *
 * SUBTEST: pass-at-last
 * Description: Passes, after all that went before.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "igt/assert.h"
#include "igt/child.h"
#include "igt/hooks.h"
#include "igt/log.h"
#include "igt/subtest.h"

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static bool parent_is_harness(void)
{
	char link[32], own[256], parents[256];
	ssize_t n, m;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)getppid());
	n = readlink("/proc/self/exe", own, sizeof(own));
	m = readlink(link, parents, sizeof(parents));
	return n > 0 && n == m && !memcmp(own, parents, (size_t)n);
}

static void *failing(void *arg)
{
	igt_assert_eq(2 + 2, 5);
	return arg;
}

static void *skipping(void *arg)
{
	igt_skip("this thread has nothing to do\n");
	return arg;
}

static void *crashing(void *arg)
{
	raise(SIGSEGV);
	return arg;
}

static void in_thread(void *(*start)(void *))
{
	pthread_t thread;

	igt_assert_eq(pthread_create(&thread, NULL, start, NULL), 0);
	pthread_join(thread, NULL);
}

/* Not a tail call, and every frame is used after it returns: the compiler must keep them all. */
static __attribute__((noinline)) int overflow(volatile int level)
{
	volatile char frame[4096];

	frame[0] = (char)level;
	return level < 0 ? 0 : overflow(level + 1) + frame[0];
}

static void observe_after(const struct igt_subtest_info *info, struct igt_verdict *verdict,
			  void *data)
{
	if (!strcmp(info->subtest, "observer-fails"))
		igt_verdict_fail(verdict, "selftest: after() of %s says no", info->subtest);
}

static void observe_settle(const struct igt_subtest_info *info, struct igt_verdict *verdict,
			   void *data)
{
	if (!strcmp(info->subtest, "settle-fails"))
		igt_verdict_fail(verdict, "selftest: settle() of %s says no", info->subtest);
}

static const struct igt_subtest_observer observer = {
	.name = "selftest",
	.after = observe_after,
	.settle = observe_settle,
};

static void threads_and_children(void)
{
	igt_subtest("fail-in-thread")
		in_thread(failing);

	igt_subtest("skip-in-thread")
		in_thread(skipping);

	igt_subtest("crash-in-thread")
		in_thread(crashing);

	igt_subtest("fail-in-child") {
		igt_fork(i, 4) {
			igt_assert_neq(i, 2);
			wait_for_ever();
		}
		igt_waitchildren();
	}

	igt_subtest("skip-in-child") {
		igt_fork(i, 2)
			igt_skip_on_f(i == 1, "child %d has nothing to do\n", i);
		igt_waitchildren();
	}

	igt_subtest("crash-in-child") {
		igt_fork(i, 2)
			raise(i == 1 ? SIGSEGV : 0);
		igt_waitchildren();
	}

	igt_subtest("forgotten-children")
		igt_fork(i, 3)
			wait_for_ever();
}

static void crashes(void)
{
	igt_subtest("crash")
		raise(SIGSEGV);

	igt_subtest("crash-abort")
		abort();

	igt_subtest("crash-killed")
		raise(SIGKILL);

	igt_subtest("crash-stack-overflow")
		overflow(0);

	igt_subtest("harness-killed") {
		igt_require_f(parent_is_harness(), "runs in the harness process itself\n");
		kill(getppid(), SIGKILL);
		wait_for_ever();
	}

	igt_subtest("exit-early")
		exit(0);
}

static void dynamics(void)
{
	igt_subtest_with_dynamic("dynamic-mix") {
		igt_dynamic("good")
			igt_assert(true);
		igt_dynamic("idle")
			igt_skip("nothing to do\n");
		igt_dynamic_f("bad-%d", 1)
			igt_assert_lt(2, 1);
	}

	igt_subtest_with_dynamic("dynamic-crash") {
		igt_dynamic("good")
			igt_assert(true);
		igt_dynamic("bad")
			raise(SIGSEGV);
		igt_dynamic("lost")
			igt_assert(true);
	}

	igt_subtest_with_dynamic("dynamic-skip") {
		igt_dynamic("idle")
			igt_skip("nothing to do\n");
		igt_dynamic("idler")
			igt_skip("nothing to do either\n");
	}

	igt_subtest_with_dynamic("dynamic-none")
		igt_debug("nothing to offer\n");
}

static void groups(void)
{
	igt_subtest_group {
		igt_fixture
			igt_require_f(false, "this group needs what is not there\n");
		igt_subtest("group-skip-a")
			igt_assert(false);
		igt_subtest("group-skip-b")
			igt_assert(false);
	}

	igt_subtest_group {
		igt_subtest_group {
			igt_fixture
				igt_assert_f(false, "this fixture is broken\n");
			igt_subtest("group-fail-a")
				igt_assert(true);
			igt_subtest("group-fail-b")
				igt_assert(true);
		}
		igt_subtest("nested-group")
			igt_assert(true);
	}
}

igt_main
{
	igt_fixture
		igt_add_subtest_observer(&observer);

	igt_subtest("pass")
		igt_info("all is well\n");

	igt_subtest("skip")
		igt_require_f(false, "nothing to do here\n");

	igt_subtest("fail") {
		igt_debug("this line belongs into the dump\n");
		igt_assert_eq_u32(0xdead, 0xbeef);
	}

	igt_subtest("warn")
		igt_warn("something smells\n");

	threads_and_children();
	crashes();
	dynamics();
	groups();

	igt_subtest("left-by-break")
		break;

	igt_subtest("observer-fails")
		igt_assert(true);

	igt_subtest("settle-fails")
		igt_assert(true);

	igt_subtest("timed-out") {
		igt_set_timeout(1, "waiting for nothing");
		wait_for_ever();
	}

	igt_subtest("hang")
		wait_for_ever();

	igt_subtest("hang-deaf") {
		signal(SIGQUIT, SIG_IGN);
		igt_info("deaf now\n");
		wait_for_ever();
	}

	igt_subtest("stop-the-run")
		igt_abort("this machine is not fit to go on\n");

	igt_subtest("pass-at-last")
		igt_assert(true);
}
