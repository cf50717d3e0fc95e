// SPDX-License-Identifier: MIT
#include <execinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt/log.h"
#include "igt/output.h"
#include "igt/state.h"

static const struct {
	int sig;
	const char *name;
	bool crash; /* a bug in the test, or found by it; otherwise somebody wants us gone */
} signals[] = {
	{ SIGSEGV, "SIGSEGV", true },  { SIGBUS, "SIGBUS", true },    { SIGFPE, "SIGFPE", true },
	{ SIGILL, "SIGILL", true },    { SIGABRT, "SIGABRT", true },  { SIGQUIT, "SIGQUIT", false },
	{ SIGINT, "SIGINT", false },   { SIGTERM, "SIGTERM", false }, { SIGHUP, "SIGHUP", false },
	{ SIGKILL, "SIGKILL", false }, { SIGALRM, "SIGALRM", false }, { SIGPIPE, "SIGPIPE", false },
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

_Atomic bool igt_signals_deferred;
_Atomic int igt_signal_pending;

/* The thread whose signal is being handled; one is enough. */
static _Atomic long dying_thread;

static int trace_fd = -1;

const char *igt_signal_name(int sig)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i].sig == sig)
			return signals[i].name;
	return "a signal";
}

void igt_die_of(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
	_exit(128 + sig);
}

/* By way of a file in memory: with a socket to the runner, stderr is not part of the results. */
static void say_stack(void)
{
	void *frames[64];
	char text[512];
	ssize_t n;

	if (trace_fd < 0 || ftruncate(trace_fd, 0) || lseek(trace_fd, 0, SEEK_SET))
		return;
	backtrace_symbols_fd(frames, backtrace(frames, 64), trace_fd);
	lseek(trace_fd, 0, SEEK_SET);
	while ((n = read(trace_fd, text, sizeof(text))) > 0)
		igt_output_write(STDERR_FILENO, text, (size_t)n);
}

/* "Received SIGQUIT in subtest a, dynamic subtest b, after 12 s." and the stack. */
static void say_where(int sig)
{
	char line[3 * IGT_NAME_MAX];
	size_t n = 0;

	n = igt_text_add(line, sizeof(line), n, "Received ");
	n = igt_text_add(line, sizeof(line), n, igt_signal_name(sig));
	if (igt_state.subtest[0]) {
		n = igt_text_add(line, sizeof(line), n, " in subtest ");
		n = igt_text_add(line, sizeof(line), n, igt_state.subtest);
		if (igt_state.dynamic[0]) {
			n = igt_text_add(line, sizeof(line), n, ", dynamic subtest ");
			n = igt_text_add(line, sizeof(line), n, igt_state.dynamic);
		}
		n = igt_text_add(line, sizeof(line), n, ", after ");
		n = igt_text_add_number(line, sizeof(line), n,
					(unsigned long)igt_seconds_since(igt_state.subtest_began),
					1);
		n = igt_text_add(line, sizeof(line), n, " s");
	} else if (igt_state.phase == IGT_IN_FIXTURE) {
		n = igt_text_add(line, sizeof(line), n, " in a fixture");
	}
	n = igt_text_add(line, sizeof(line), n,
			 igt_is_main_thread() ? ".\n" : ", in a racing thread.\n");
	igt_output_write(STDERR_FILENO, line, n);

	say_stack();
}

static void report_crash(int sig)
{
	char reason[64];
	size_t n = igt_text_add(reason, sizeof(reason) - 1, 0, "died of ");

	n = igt_text_add(reason, sizeof(reason) - 1, n, igt_signal_name(sig));
	reason[n] = '\0';

	if (igt_state.role == IGT_CHILD) {
		igt_outcome_set(&igt_state.shared->children, IGT_RESULT_CRASH, sig, reason);
		return;
	}
	if (atomic_exchange(&igt_state.shared->dynamic_running, false))
		igt_output_result(true, igt_state.dynamic, IGT_RESULT_CRASH,
				  igt_seconds_since(igt_state.shared->dynamic_began), reason);
	/* The parent of a subtest's process reports the subtest itself. */
	if (igt_state.role == IGT_HARNESS && igt_state.subtest[0]) {
		igt_log_dump("Subtest", igt_state.subtest);
		igt_output_result(false, igt_state.subtest, IGT_RESULT_CRASH,
				  igt_seconds_since(igt_state.subtest_began), reason);
		igt_kmsg(6, "%s: finished subtest %s, CRASH", igt_state.test, igt_state.subtest);
	}
}

static void handle(int sig)
{
	long self = syscall(SYS_gettid), none = 0;
	bool crash = false;

	for (size_t i = 0; i < SIGNALS; i++)
		crash |= signals[i].sig == sig && signals[i].crash;

	if (!crash && igt_signals_deferred) {
		atomic_store(&igt_signal_pending, sig);
		return;
	}

	if (!atomic_compare_exchange_strong(&dying_thread, &none, self)) {
		if (none == self)
			igt_die_of(sig); /* a crash while handling a crash */
		for (;;)
			pause(); /* the other thread ends the process */
	}

	say_where(sig);
	if (crash)
		report_crash(sig);
	igt_children_signal(SIGKILL);
	igt_run_exit_handlers(sig);
	if (igt_state.role == IGT_HARNESS)
		igt_kmsg(6, "%s: exiting, ret=%d", igt_state.test, 128 + sig);
	igt_die_of(sig);
}

void igt_signals_install(void)
{
	static char alternate[64 * 1024];
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK | SA_NODEFER };
	void *frame;

	trace_fd = memfd_create("igt-stack", MFD_CLOEXEC);
	sigaltstack(&stack, NULL); /* a stack overflow must be reported too */
	backtrace(&frame, 1);      /* loads libgcc now: not to be done in a handler */
	for (size_t i = 0; i < SIGNALS; i++)
		if (signals[i].crash || signals[i].sig == SIGQUIT || signals[i].sig == SIGINT ||
		    signals[i].sig == SIGTERM || signals[i].sig == SIGHUP)
			sigaction(signals[i].sig, &action, NULL);
}
