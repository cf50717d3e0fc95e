// SPDX-License-Identifier: MIT
/* Results made from a test's own output, where there is no igt_runner. */
#include "unit.h"

#include "exec/direct.h"
#include "results/document.h"

#include <errno.h>

static void words_agree_with_the_exit_status(void **state)
{
	static const struct {
		const char *printed;
		int status;
		const char *word;
	} cases[] = {
		{ "SUCCESS", 0, "pass" },
		{ "SKIP", 77, "skip" },
		{ "FAIL", 98, "fail" },
		{ NULL, 77, "skip" },
		{ NULL, 98, "fail" },
		{ "SUCCESS", 139, "crash" },
		{ "SUCCESS", 98, "fail" },
		{ "FAIL", 0, "fail" },
		{ "CRASH", 139, "crash" },
		{ "FAIL", 112, "abort" },
		{ NULL, 112, "abort" },
		{ NULL, 3, "fail" },
		{ NULL, -ETIMEDOUT, "timeout" },
		{ "TIMEOUT", 98, "timeout" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *word = direct_word(cases[i].printed, cases[i].status);

		if (strcmp(word, cases[i].word))
			fail_msg("%s with %d: %s, expected %s", cases[i].printed, cases[i].status,
				 word, cases[i].word);
	}
}

static void check(const char *out, int status, const char *name, const char *word)
{
	const struct planned_test test = { .binary = (char *)"b", .subtest = (char *)"s" };
	json_t *root = results_new("x");

	direct_record(root, &test, out, "", status, 1.5);
	assert_string_equal(results_word(json_object_get(results_tests(root), name)), word);
	json_decref(root);
}

static void output_becomes_results(void **state)
{
	check("Starting subtest: s\nSubtest s: SUCCESS (0.100s)\n", 0, "igt@b@s", "pass");
	check("Subtest other: FAIL (0.1s)\nSubtest s: SUCCESS (0.1s)\n", 0, "igt@b@s", "pass");
	check("Dynamic subtest d: FAIL (0.1s)\nSubtest s: FAIL (0.1s)\n", 98, "igt@b@s@d", "fail");
	check("Dynamic subtest d: SUCCESS (0.1s)\nSubtest s: SUCCESS (0.1s)\n", 0, "igt@b@s@d",
	      "pass");
}

static void silence_is_no_success(void **state)
{
	check("", 0, "igt@b@s", "incomplete");
	check("Starting subtest: s\n", 0, "igt@b@s", "incomplete");
	check("Starting subtest: s\n", 139, "igt@b@s", "crash");
	check("Subtest s: \n", 0, "igt@b@s", "incomplete");
	check("Subtest s: SUCC", 0, "igt@b@s", "fail");
}

static void any_bytes_can_be_recorded(void **state)
{
	const struct planned_test test = { .binary = (char *)"b", .subtest = (char *)"s" };
	json_t *root = results_new("x"), *recorded;

	direct_record(root, &test, "\xff\xfe\n", "\x80", 98, 0);
	recorded = json_object_get(results_tests(root), "igt@b@s");
	assert_string_equal(results_word(recorded), "fail");
	assert_true(json_is_string(json_object_get(recorded, "out")));
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_agree_with_the_exit_status),
		cmocka_unit_test(output_becomes_results),
		cmocka_unit_test(silence_is_no_success),
		cmocka_unit_test(any_bytes_can_be_recorded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
