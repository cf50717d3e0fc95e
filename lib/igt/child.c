// SPDX-License-Identifier: MIT
#include "igt/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt/assert.h"
#include "igt/state.h"
#include "sys/waiting.h"

#define CHILDREN_MAX 256
/* A killed child is gone in microseconds unless the kernel holds it; then it may be for ever. */
#define KILL_MS  5000
#define SLICE_MS 50

/* Children of this process; 0 marks a free entry. Read by signal handlers. */
static _Atomic pid_t children[CHILDREN_MAX];
static int children_count;

/* poll() pauses, in slices short enough for @wait to notice when this process did not run. */
static int reap(pid_t pid, struct sys_wait *wait, int *ret_status)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	int status = 0, ret = 0;

	while (fd >= 0) {
		struct pollfd exited = { .fd = fd, .events = POLLIN };
		uint64_t left_ms = wait->last ? 0 : wait->left_us / 1000 + 1;
		int ready = poll(&exited, 1, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);

		if (ready > 0)
			break;
		if ((ready < 0 && errno != EINTR) || !sys_wait_again(wait)) {
			ret = -ETIMEDOUT;
			break;
		}
	}
	if (fd >= 0)
		close(fd);
	if (ret < 0)
		return ret;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret_status = status;
	return 0;
}

int igt_reap(pid_t pid, unsigned int timeout_ms, int *ret_status)
{
	struct sys_wait wait = sys_wait_for(timeout_ms, 0);

	return reap(pid, &wait, ret_status);
}

void igt_children_forget(void)
{
	children_count = 0;
	for (int i = 0; i < CHILDREN_MAX; i++)
		atomic_store(&children[i], 0);
	igt_outcome_clear(&igt_state.threads);
}

void igt_children_signal(int sig)
{
	for (int i = 0; i < CHILDREN_MAX; i++) {
		pid_t pid = atomic_load(&children[i]);

		if (pid > 0)
			kill(pid, sig);
	}
}

int igt_children_sweep(void)
{
	struct sys_wait wait = sys_wait_for(KILL_MS, 0); /* for all of them together */
	int found = 0, status;

	igt_children_signal(SIGKILL);
	for (int i = 0; i < children_count; i++) {
		pid_t pid = atomic_exchange(&children[i], 0);

		if (!pid)
			continue;
		found++;
		if (reap(pid, &wait, &status) < 0)
			igt_critical("child %d does not die: the kernel holds it\n", (int)pid);
	}
	children_count = 0;
	return found;
}

int igt_fork_all(int count)
{
	pid_t self = getpid();

	/* A child dies with the thread that forked it, so that must be the one that waits. */
	igt_assert_f(igt_is_main_thread(), "igt_fork() in a racing thread\n");
	if (!children_count)
		igt_outcome_clear(&igt_state.shared->children);
	fflush(NULL);
	for (int i = 0; i < count; i++) {
		pid_t pid;

		igt_assert_f(children_count < CHILDREN_MAX, "more than %d children\n",
			     CHILDREN_MAX);
		pid = fork();
		igt_assert_f(pid >= 0, "fork failed\n");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != self)
				_exit(IGT_EXIT_FAILURE);
			igt_state.role = IGT_CHILD;
			igt_children_forget();
			return i;
		}
		atomic_store(&children[children_count++], pid);
	}
	return -1;
}

int igt_child_done(void)
{
	enum igt_result threads = igt_outcome_get(&igt_state.threads);

	if (threads != IGT_RESULT_NONE)
		igt_end(threads, igt_outcome_sig(&igt_state.threads),
			igt_outcome_reason(&igt_state.threads));
	igt_leave(IGT_EXIT_SUCCESS);
}

/* What one child's end means; the reason it left itself is in shared memory. */
static void note_end(int index, int status)
{
	enum igt_result result = igt_result_from_status(status);
	char reason[64];

	if (result == IGT_RESULT_SUCCESS)
		return;
	if (WIFSIGNALED(status)) {
		snprintf(reason, sizeof(reason), "child %d died of %s", index,
			 igt_signal_name(WTERMSIG(status)));
		igt_critical("%s\n", reason);
	} else {
		snprintf(reason, sizeof(reason), "child %d ended with status %d", index,
			 WEXITSTATUS(status));
	}
	igt_outcome_set(&igt_state.shared->children, result,
			WIFSIGNALED(status) ? WTERMSIG(status) : 0, reason);
}

/* One that failed will not come to where the others may wait for it. */
static bool must_stop(void)
{
	return igt_outcome_get(&igt_state.shared->children) > IGT_RESULT_SUCCESS;
}

static void wait_children(bool bounded, unsigned int seconds, const char *what)
{
	struct sys_wait wait = sys_wait_for(seconds * 1000, 0);
	struct igt_outcome *outcome = &igt_state.shared->children;
	int left = children_count;
	bool killed = false;

	while (left) {
		/* Poll by pid: children a test forked by other means are not ours to reap. */
		left = 0;
		for (int index = 0; index < children_count; index++) {
			pid_t pid = atomic_load(&children[index]);
			int status;

			if (!pid)
				continue;
			/* one pause a round, however many they are */
			if (igt_reap(pid, left ? 0 : 10, &status) < 0) {
				left++;
				continue;
			}
			atomic_store(&children[index], 0);
			if (!killed)
				note_end(index, status);
			if (!killed && must_stop()) {
				killed = true;
				igt_children_signal(SIGKILL);
				bounded = true;
				wait = sys_wait_for(KILL_MS, 0);
			}
		}
		if (left && bounded && !sys_wait_again(&wait)) {
			int found = igt_children_sweep();

			if (!killed) {
				igt_critical("%d children still at %s after %u s: killed\n", found,
					     what, seconds);
				igt_end(IGT_RESULT_FAIL, 0, "children of igt_fork() timed out");
			}
			break;
		}
	}
	children_count = 0;
	if (igt_outcome_get(outcome) > IGT_RESULT_NONE)
		igt_end(igt_outcome_get(outcome), igt_outcome_sig(outcome),
			igt_outcome_reason(outcome));
}

void igt_waitchildren(void)
{
	wait_children(false, 0, NULL);
}

void igt_waitchildren_timeout(unsigned int seconds, const char *what)
{
	wait_children(true, seconds, what);
}
