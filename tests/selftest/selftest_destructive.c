// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_destructive
 * Description: Subtests that may kill the kernel, and some that do. Each must run alone in a VM of
 *		its own, and cost nothing but itself.
 *
 * SUBTEST: first-death
 * Destructive: it brings the kernel down
 * Description: Panics through sysrq.
 *
 * SUBTEST: survives
 * Destructive: it might bring the kernel down
 * Description: Passes: the death before it was another VM's.
 *
 * SUBTEST: late-death
 * Destructive: it brings the kernel down once it has passed
 * Description: Passes and leaves a process behind that panics the kernel. Nothing else ran in that
 *		VM, so the death is charged to it.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"
#include "igt/assert.h"
#include "igt/subtest.h"

/* More than the harness needs to report and leave. */
#define HARNESS_MAX_MS 10000

static void panic(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	igt_require_f(fd >= 0, "cannot write to sysrq-trigger\n");
	igt_assert_f(write(fd, "c", 1) < 0, "the kernel is still there\n");
	igt_fail_on_f(true, "sysrq is off\n");
}

/* Leaves the subtest's process group, waits until the harness has reported and gone. */
static void panic_later(void)
{
	struct pollfd harness = {
		.fd = (int)syscall(SYS_pidfd_open, getppid(), 0),
		.events = POLLIN,
	};
	pid_t pid;

	igt_require_f(harness.fd >= 0, "no pidfd_open() here\n");
	pid = fork();
	igt_assert(pid >= 0);
	if (pid)
		return;
	setsid();
	poll(&harness, 1, HARNESS_MAX_MS);
	panic();
}

igt_main
{
	igt_fixture
		igt_require_f(in_guest(), "this is no guest of gemrace\n");

	igt_subtest("first-death")
		panic();

	igt_subtest("survives")
		igt_assert(true);

	igt_subtest("late-death")
		panic_later();
}
