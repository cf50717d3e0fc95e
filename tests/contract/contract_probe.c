// SPDX-License-Identifier: MIT
/*
 * TEST: contract_probe
 * Description: Shows parts of the test contract from the inside, for tests/contract/run.
 *
 * SUBTEST: names
 * Description: Says what it is called, its seed and its device filter.
 *
 * SUBTEST: levels
 * Description: One line at each log level, one of them in the domain "probe".
 *
 * SUBTEST: attachment
 * Description: Leaves an attachment.
 *
 * SUBTEST: exit-handlers
 * Description: Installs two exit handlers; a child and a thread must not run them.
 *
 * SUBTEST: exit-handler-hang
 * Description: Installs an exit handler and waits for a signal.
 *
 * SUBTEST: stray-process
 * Description: Leaves a process of its own making behind.
 *
 * SUBTEST: mixed-children
 * Description: One child skips, one fails, in any order: fails.
 *
 * SUBTEST: exit-handler-fails
 * Description: The body passes, an assertion in its exit handler does not: fails.
 *
 * SUBTEST: poll-thread
 * Description: One of two racing threads fails; the other one sees it and leaves.
 *
 * SUBTEST: observed
 * Description: A dynamic subtest under an observer that tells of every call.
 *
 * SUBTEST: abort-in-dynamic
 * Description: A racing thread of the first dynamic subtest aborts the run; the second must not
 *		start.
 *
 * SUBTEST: destructive-*
 * Destructive: it says so
 * Description: Runs only where it may: must not be seen by an observer otherwise.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "igt/assert.h"
#include "igt/attachment.h"
#include "igt/child.h"
#include "igt/hooks.h"
#include "igt/log.h"
#include "igt/subtest.h"

static void first_handler(int sig)
{
	igt_info("first handler in pid %d, signal %d\n", (int)getpid(), sig);
}

static void second_handler(int sig)
{
	igt_info("second handler in pid %d, signal %d\n", (int)getpid(), sig);
}

static void fixture_handler(int sig)
{
	igt_info("fixture's handler, signal %d\n", sig);
}

static void failing_handler(int sig)
{
	igt_assert_f(false, "this handler is broken\n");
}

static void names(void)
{
	igt_info("test %s, subtest %s, dynamic '%s'\n", igt_test_name(), igt_subtest_name(),
		 igt_dynamic_subtest_name());
	igt_info("seed %u, device %s\n", igt_seed(), igt_device_filter() ?: "any");
}

static void levels(void)
{
	igt_debug("a debug line\n");
	igt_log("probe", IGT_LOG_DEBUG, "a debug line of the probe\n");
	igt_info("an info line\n");
	igt_warn("a warning line\n");
	igt_critical("a critical line\n");
}

static void attachment(void)
{
	FILE *file = igt_attachment_open("probe.txt");

	igt_require_f(file, "no attachments: %s\n", strerror(errno));
	fputs("attached\n", file);
	igt_assert_eq(fclose(file), 0);
	igt_assert(!igt_attachment_open("../probe.txt"));
	igt_assert_eq(errno, EINVAL);
}

static void *do_nothing(void *arg)
{
	return arg;
}

static void exit_handlers(void)
{
	pthread_t thread;

	igt_install_exit_handler(first_handler);
	igt_install_exit_handler(second_handler);
	igt_install_exit_handler(first_handler); /* once is enough */
	igt_info("subtest in pid %d\n", (int)getpid());
	igt_fork(i, 2)
		igt_debug("child %d\n", i);
	igt_waitchildren();
	igt_assert_eq(pthread_create(&thread, NULL, do_nothing, NULL), 0);
	pthread_join(thread, NULL);
}

static void *fail_now(void *arg)
{
	igt_assert_f(false, "the failing thread\n");
	return arg;
}

static void *wait_for_failure(void *arg)
{
	while (!igt_thread_failed())
		sched_yield();
	return arg;
}

static void poll_thread(void)
{
	pthread_t waiting, failing;

	igt_assert_eq(pthread_create(&waiting, NULL, wait_for_failure, NULL), 0);
	igt_assert_eq(pthread_create(&failing, NULL, fail_now, NULL), 0);
	pthread_join(waiting, NULL);
	pthread_join(failing, NULL);
	igt_thread_check();
	igt_assert_f(false, "not reached\n");
}

static void *abort_now(void *arg)
{
	igt_abort("the machine is unfit\n");
	return arg;
}

static void abort_in_thread(void)
{
	pthread_t thread;

	igt_assert_eq(pthread_create(&thread, NULL, abort_now, NULL), 0);
	pthread_join(thread, NULL);
}

static bool observing(const struct igt_subtest_info *info)
{
	return !strcmp(info->subtest, "observed") || !strncmp(info->subtest, "destructive-", 12);
}

static void prepare(const struct igt_subtest_info *info, void *data)
{
	if (observing(info))
		igt_info("prepare %s\n", (const char *)data);
}

static void before(const struct igt_subtest_info *info, void *data)
{
	if (observing(info))
		igt_info("before %s %s\n", (const char *)data, info->dynamic ?: "-");
}

static void after(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	if (observing(info))
		igt_info("after %s %s: %s\n", (const char *)data, info->dynamic ?: "-",
			 igt_result_word(igt_verdict_result(verdict)));
}

static void settle(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	if (observing(info))
		igt_info("settle %s: %s\n", (const char *)data,
			 igt_result_word(igt_verdict_result(verdict)));
}

static char one[] = "one", two[] = "two";
static const struct igt_subtest_observer observers[] = {
	{ "one", one, prepare, before, after, settle },
	{ "two", two, prepare, before, after, settle },
};

igt_main
{
	igt_fixture {
		igt_install_exit_handler(fixture_handler);
		igt_add_subtest_observer(&observers[0]);
		igt_add_subtest_observer(&observers[1]);
	}

	igt_subtest("names")
		names();

	igt_subtest("levels")
		levels();

	igt_subtest("attachment")
		attachment();

	igt_subtest("exit-handlers")
		exit_handlers();

	igt_subtest("exit-handler-hang") {
		igt_install_exit_handler(first_handler);
		igt_info("ready\n");
		for (;;)
			pause();
	}

	igt_subtest("stray-process")
		if (!fork())
			for (;;)
				pause();

	igt_subtest("mixed-children") {
		igt_fork(i, 2) {
			igt_skip_on(i == 0);
			igt_fail_on(i == 1);
		}
		igt_waitchildren();
	}

	igt_subtest("exit-handler-fails")
		igt_install_exit_handler(failing_handler);

	igt_subtest("poll-thread")
		poll_thread();

	igt_subtest_with_dynamic("observed")
		igt_dynamic("inner")
			igt_assert(true);

	igt_subtest_with_dynamic("abort-in-dynamic") {
		igt_dynamic("first")
			abort_in_thread();
		igt_dynamic("second")
			igt_assert(true);
	}

	igt_subtest("destructive-pass")
		igt_info("it may\n");

	igt_subtest("destructive-fail")
		igt_assert_f(false, "it was run\n");
}
