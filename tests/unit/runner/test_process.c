// SPDX-License-Identifier: MIT
#include "unit.h"

#include "clock.h"
#include "exec/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SH(script) ((const char *const[]){ "sh", "-c", script, NULL })

static void returns_output_and_status(void **state)
{
	int status;
	char *text;

	assert_int_equal(process_capture(SH("echo one; echo two >&2; printf three; exit 7"), 10, -1,
					 &text, &status),
			 0);
	assert_string_equal(text, "one\nthree\n");
	assert_int_equal(status, 7);
	free(text);
	assert_int_equal(process_capture(SH("kill -SEGV $$"), 10, -1, &text, &status), 0);
	assert_int_equal(status, 128 + SIGSEGV);
	free(text);
}

static void a_program_that_is_not_there(void **state)
{
	const char *argv[] = { "/nowhere/program", NULL };
	int status;
	char *text;

	assert_int_equal(process_capture(argv, 10, -1, &text, &status), -ENOENT);
}

static void time_runs_out(void **state)
{
	double start = now_s();
	int status;
	char *text;

	assert_int_equal(process_capture(SH("sleep 30"), 0.2, -1, &text, &status), -ETIMEDOUT);
	assert_true(now_s() - start < 5);
}

static void a_grandchild_that_keeps_stdout_holds_nobody_up(void **state)
{
	double start = now_s();
	int status;
	char *text;

	assert_int_equal(process_capture(SH("sleep 20 & echo done"), 10, -1, &text, &status), 0);
	assert_string_equal(text, "done\n");
	assert_true(now_s() - start < 5);
	free(text);
}

static void added_environment_wins(void **state)
{
	const char *const env[] = { "HOME=/somewhere", "GEMRACE_UNIT=yes", NULL };
	int status;

	assert_int_equal(process_run(&(struct process){ .argv = SH("test $HOME$GEMRACE_UNIT = "
								   "/somewhereyes"),
							.env = env,
							.cancel_fd = -1 },
				     &status),
			 0);
	assert_int_equal(status, 0);
}

static void cancelled(void **state)
{
	int fds[2], status;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(
		process_run(&(struct process){ .argv = SH("sleep 30"), .cancel_fd = fds[0] },
			    &status),
		-EINTR);
	close(fds[0]);
	close(fds[1]);
}

/* The number that the program printed: a process that must be gone. */
static void assert_gone(const char *text)
{
	int pid = atoi(text);

	assert_true(pid > 1);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void nothing_is_left_behind(void **state)
{
	static const char *const scripts[] = {
		"sleep 60 & echo $!",                          /* in its group */
		"setsid sleep 60 >/dev/null & echo $!",        /* in a session of its own */
		"setsid sh -c 'sleep 60 & echo $!; exec >&-'", /* and nobody's child any more */
	};
	pid_t other = fork();
	int status;
	char *text;

	if (!other) {
		pause();
		_exit(0);
	}
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		assert_int_equal(process_capture(SH(scripts[i]), 10, -1, &text, &status), 0);
		assert_int_equal(status, 0);
		assert_gone(text);
		free(text);
	}
	/* what ran before is not its doing */
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	kill(other, SIGKILL);
	assert_int_equal(waitpid(other, NULL, 0), other);
}

/* A program whose starter is killed is not left alone. */
static void dies_with_its_starter(void **state)
{
	char text[32] = "";
	int fds[2], status;
	pid_t starter;

	assert_int_equal(pipe(fds), 0);
	starter = fork();
	if (!starter) {
		char script[64];

		snprintf(script, sizeof(script), "echo $$ >&%d; exec sleep 60", fds[1]);
		process_run(&(struct process){ .argv = SH(script), .cancel_fd = -1 }, &status);
		_exit(0);
	}
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	kill(starter, SIGKILL);
	assert_int_equal(waitpid(starter, NULL, 0), starter);
	/* orphaned, it is ours or init's to reap: wait until its output closes */
	close(fds[1]);
	assert_int_equal(poll(&(struct pollfd){ .fd = fds[0], .events = POLLIN }, 1, 5000), 1);
	assert_int_equal(read(fds[0], text + 20, 1), 0);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_output_and_status),
		cmocka_unit_test(a_program_that_is_not_there),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(a_grandchild_that_keeps_stdout_holds_nobody_up),
		cmocka_unit_test(added_environment_wins),
		cmocka_unit_test(cancelled),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(dies_with_its_starter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
