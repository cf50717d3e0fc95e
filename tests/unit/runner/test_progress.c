// SPDX-License-Identifier: MIT
/* What igt_runner prints becomes one line a test; seconds vary, so words and names are compared. */
#include "unit.h"

#include "report/progress.h"

static char *text;
static size_t size;

/* Feeds @lines, ended by NULL, and returns what was shown, without the seconds and the padding. */
static char *show(int total, const char *const *lines)
{
	struct progress p;
	char *out, *s;
	FILE *f;

	/* a memory stream has no descriptor to ask: shown as to a pipe */
	f = open_memstream(&text, &size);
	assert_non_null(f);
	progress_init(&p, f, total);
	/* "mark WORD" is what the kernel log says of the subtest that runs */
	for (; *lines; lines++) {
		if (!strncmp(*lines, "mark ", 5))
			progress_result(&p, *lines + 5);
		else
			progress_line(&p, *lines);
	}
	progress_lost(&p, "panic");
	fclose(f);
	for (s = out = text; *s; s++) {
		int n = 0;

		sscanf(s, " %*d.%*d s %n", &n);
		if (*s == ' ' && n)
			s += n - 1;
		*out++ = *s;
	}
	*out = '\0';
	return text;
}

static void without_the_socket(void **state)
{
	const char *const lines[] = {
		"[1.000000] [1/2] race (flink)",
		"Starting subtest: flink",
		"Starting dynamic subtest: vgem",
		"Dynamic subtest vgem: FAIL (0.1s)",
		"Subtest flink: SUCCESS (1.000s)",
		"[2.000000] [2/2] race (open)",
		"Starting subtest: open",
		"Subtest open: FAIL (1.000s)",
		"Done.",
		NULL,
	};

	assert_string_equal(show(2, lines), "1/2  pass race@flink\n2/2  fail race@open\n");
	free(text);
}

/* igt_runner holds its lines back until the next test: the kernel log knows earlier, and once. */
static void by_the_kernel_log(void **state)
{
	const char *const lines[] = {
		"mark SUCCESS", /* before anything is known to run */
		"[1.000000] [1/2] race (flink)",
		"mark SUCCESS",
		"Starting subtest: flink",
		"Subtest flink: SUCCESS (1.000s)",
		"[2.000000] [2/2] race (open)",
		"mark FAIL",
		NULL,
	};

	assert_string_equal(show(2, lines), "1/2  pass race@flink\n2/2  fail race@open\n");
	free(text);
}

static void through_the_socket(void **state)
{
	const char *const lines[] = {
		"[1.000000] [1/1] race (flink)",
		"[1.100000] Starting subtest: flink",
		"[2.000000] Subtest flink: SKIP (1.000s)",
		NULL,
	};

	assert_string_equal(show(1, lines), "1/1  skip race@flink\n");
	free(text);
}

static void a_test_without_result_is_not_forgotten(void **state)
{
	const char *const lines[] = {
		"[1.000000] [1/3] race (crash)",
		"[1.100000] [2/3] race (hang)",
		"[9.000000] Inactivity timeout exceeded. Killing the current test with SIGQUIT.",
		"[9.100000] [3/3] bare",
		NULL,
	};

	assert_string_equal(show(3, lines), "1/3  incomplete race@crash\n2/3  timeout race@hang\n"
					    "3/3  panic bare\n");
	free(text);
}

static void nonsense_is_ignored(void **state)
{
	const char *const lines[] = { "",      "[", "[1.0] [x/y] z", "Subtest", "Subtest : ",
				      "Done.", NULL };

	assert_string_equal(show(1, lines), "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_socket),
		cmocka_unit_test(by_the_kernel_log),
		cmocka_unit_test(through_the_socket),
		cmocka_unit_test(a_test_without_result_is_not_forgotten),
		cmocka_unit_test(nonsense_is_ignored),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
