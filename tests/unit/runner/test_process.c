// SPDX-License-Identifier: MIT
#include "unit.h"

#include "exec/process.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define SH(script) ((const char *const[]){ "sh", "-c", script, NULL })

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void returns_output_and_status(void **state)
{
	int status;
	char *text;

	assert_int_equal(process_capture(SH("echo one; echo two >&2; printf three; exit 7"), 10,
					 &text, &status),
			 0);
	assert_string_equal(text, "one\nthree\n");
	assert_int_equal(status, 7);
	free(text);
	assert_int_equal(process_capture(SH("kill -SEGV $$"), 10, &text, &status), 0);
	assert_int_equal(status, 128 + SIGSEGV);
	free(text);
}

static void a_program_that_is_not_there(void **state)
{
	const char *argv[] = { "/nowhere/program", NULL };
	int status;
	char *text;

	assert_int_equal(process_capture(argv, 10, &text, &status), -ENOENT);
}

static void time_runs_out(void **state)
{
	double start = now_s();
	int status;
	char *text;

	assert_int_equal(process_capture(SH("sleep 30"), 0.2, &text, &status), -ETIMEDOUT);
	assert_true(now_s() - start < 5);
}

static void a_grandchild_that_keeps_stdout_holds_nobody_up(void **state)
{
	double start = now_s();
	int status;
	char *text;

	assert_int_equal(process_capture(SH("sleep 20 & echo done"), 10, &text, &status), 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_output_and_status),
		cmocka_unit_test(a_program_that_is_not_there),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(a_grandchild_that_keeps_stdout_holds_nobody_up),
		cmocka_unit_test(added_environment_wins),
		cmocka_unit_test(cancelled),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
