// SPDX-License-Identifier: MIT
/*
 * A subtest in a process of its own: a crash, a leak or a stray thread of one is no concern of the
 * next. The child leads a process group, so that whatever it forked can be found and killed.
 */
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

#include "igt/log.h"
#include "igt/output.h"
#include "igt/state.h"

/* Time a child gets to say where it stands and run its exit handlers, and then to be killed. */
#define ASKED_MS  2000
#define KILLED_MS 3000

/* Wait for @pid, or for a signal to this process. Returns true when @pid has ended. */
static bool wait_or_signal(int pidfd, const sigset_t *during)
{
	struct pollfd exited = { .fd = pidfd, .events = POLLIN };

	while (ppoll(&exited, 1, NULL, during) < 0 && errno == EINTR)
		if (atomic_load(&igt_signal_pending))
			return false;
	return true;
}

/* Somebody wants us gone: hand it on, wait a bounded time, and follow. */
static void end_with_child(pid_t pid, int sig)
{
	int status;

	kill(-pid, sig);
	if (igt_reap(pid, ASKED_MS, &status) < 0) {
		igt_critical("subtest %s does not end on %s: killing it\n", igt_state.subtest,
			     igt_signal_name(sig));
		kill(-pid, SIGKILL);
		if (igt_reap(pid, KILLED_MS, &status) < 0)
			igt_critical("process %d of subtest %s does not die: the kernel holds it\n",
				     (int)pid, igt_state.subtest);
	}
	kill(-pid, SIGKILL);
	igt_run_exit_handlers(sig);
	igt_kmsg(6, "%s: exiting, ret=%d", igt_state.test, 128 + sig);
	igt_die_of(sig);
}

/* A process that was killed or called exit() had no time to report its dynamic subtest. */
static void report_dynamic(enum igt_result result, const char *reason)
{
	if (atomic_exchange(&igt_state.shared->dynamic_running, false))
		igt_output_result(true, igt_state.shared->dynamic, result,
				  igt_seconds_since(igt_state.shared->dynamic_began), reason);
}

static void report(int status)
{
	struct igt_outcome *outcome = &igt_state.shared->subtest;
	enum igt_result result = igt_outcome_get(outcome);
	char reason[IGT_REASON_MAX];

	if (WIFSIGNALED(status)) {
		int sig = WTERMSIG(status);

		snprintf(reason, sizeof(reason), "died of %s (%d)", igt_signal_name(sig), sig);
		igt_critical("subtest %s %s\n", igt_state.subtest, reason);
		report_dynamic(IGT_RESULT_CRASH, reason);
		igt_settle_and_report(IGT_RESULT_CRASH, sig, reason);
	} else if (WEXITSTATUS(status) != igt_result_exit_code(result, igt_outcome_sig(outcome)) ||
		   result == IGT_RESULT_NONE) {
		/* It called exit(), or something went wrong after its result was known. */
		snprintf(reason, sizeof(reason), "its process left with status %d, %s",
			 WEXITSTATUS(status),
			 result == IGT_RESULT_NONE ? "without a result" : igt_result_word(result));
		igt_critical("subtest %s: %s\n", igt_state.subtest, reason);
		report_dynamic(IGT_RESULT_FAIL, reason);
		igt_settle_and_report(igt_result_merge(result, IGT_RESULT_FAIL), 0, reason);
	} else {
		igt_settle_and_report(result, igt_outcome_sig(outcome),
				      igt_outcome_reason(outcome));
	}
}

static void wait_and_report(pid_t pid, const sigset_t *during)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	siginfo_t info;
	int status = 0;

	/* Without pidfd_open (before 5.3) a signal is noticed when the child ends. */
	if (pidfd >= 0 && !wait_or_signal(pidfd, during))
		end_with_child(pid, atomic_load(&igt_signal_pending));
	if (pidfd >= 0)
		close(pidfd);
	/* What the subtest forked and left behind goes first: reaping frees the group's number. */
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	report(status);
}

bool igt_isolate(void)
{
	static const int forwarded[] = { SIGQUIT, SIGINT, SIGTERM, SIGHUP };
	pid_t parent = getpid(), pid;
	sigset_t block, old;

	sigemptyset(&block);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&block, forwarded[i]);
	sigprocmask(SIG_BLOCK, &block, &old);
	fflush(NULL);

	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(IGT_EXIT_FAILURE);
		setpgid(0, 0);
		igt_state.role = IGT_SUBTEST;
		igt_children_forget();
		sigprocmask(SIG_SETMASK, &old, NULL);
		return true;
	}
	if (pid < 0) {
		igt_critical("fork for subtest %s: %s\n", igt_state.subtest, strerror(errno));
		igt_settle_and_report(IGT_RESULT_FAIL, 0, "fork failed");
	} else {
		setpgid(pid, pid); /* both sides: whoever comes first */
		atomic_store(&igt_signals_deferred, true);
		wait_and_report(pid, &old);
		atomic_store(&igt_signals_deferred, false);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return false;
}
