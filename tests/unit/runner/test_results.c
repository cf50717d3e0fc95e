// SPDX-License-Identifier: MIT
/* Reading and writing results.json: what igt_runner wrote, and what is no such thing. */
#include "unit.h"

#include "diag.h"
#include "results/document.h"
#include "results/reason.h"
#include "results/verdict.h"

#include <unistd.h>

static struct diag d;

static json_t *recorded(void)
{
	json_t *root;

	if (results_load(DATA "/results.json", &root, &d))
		fail_msg("%s", d.text);
	return root;
}

static void reads_what_igt_runner_wrote(void **state)
{
	static const struct {
		const char *name, *word, *reason;
	} cases[] = {
		{ "igt@sh_one@ok", "pass", NULL },
		{ "igt@sh_one@bad", "fail", "Failed assertion: a == b" },
		{ "igt@sh_one@skipme", "skip", "nothing" },
		{ "igt@sh_one@warn", "warn", "hm" },
		{ "igt@sh_one@dyn@a", "pass", NULL },
		{ "igt@sh_one@crash", "incomplete", "the test's process ended without a result" },
		{ "igt@sh_one@hang", "timeout", "did not end in time" },
	};
	json_t *root = recorded();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const json_t *test = json_object_get(results_tests(root), cases[i].name);
		char buf[REASON_MAX];
		const char *reason = reason_of(test, buf);

		assert_string_equal(results_word(test), cases[i].word);
		if (cases[i].reason)
			assert_string_equal(reason, cases[i].reason);
		else
			assert_null(reason);
	}
	assert_int_equal(verdict_of_run(root), GEMRACE_DEFECT);
	json_decref(root);
}

/* The test's own words come before the condition it wrote them for. */
static void prefers_the_words_of_the_test(void **state)
{
	static const struct {
		const char *result, *key, *text, *reason;
	} cases[] = {
		{ "skip", "out",
		  "Test requirement not met in f, a.c:1:\nTest requirement: caps\n"
		  "Last errno: 2, No such file or directory\nno PRIME export\nSubtest x: SKIP "
		  "(0.0s)\n",
		  "no PRIME export" },
		{ "skip", "out",
		  "Test requirement not met in f, a.c:1:\nTest requirement: caps\nSubtest x: "
		  "SKIP\n",
		  "caps" },
		{ "fail", "err",
		  "(t:1) CRITICAL: Test assertion failure in f, a.c:1:\nthe name is lost\nreplay: "
		  "x\n",
		  "the name is lost" },
		{ "fail", "err",
		  "(t:1) CRITICAL: Test assertion failure in f, a.c:1:\nFailed assertion: a == b\n"
		  "values: 1, 2\nSubtest x failed.\n",
		  "Failed assertion: a == b" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *test = json_pack("{s:s, s:s}", "result", cases[i].result, cases[i].key,
					 cases[i].text);
		char buf[REASON_MAX];

		assert_string_equal(reason_of(test, buf), cases[i].reason);
		json_decref(test);
	}
}

/* Loads @text as a results.json and expects to be told why not. */
static void refuse(const char *text, const char *says)
{
	char path[] = "/tmp/gemrace-unit-XXXXXX";
	int fd = mkstemp(path);
	json_t *root = NULL;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	assert_true(results_load(path, &root, &d) < 0);
	unlink(path);
	assert_null(root);
	assert_int_equal(d.status, GEMRACE_HARNESS);
	assert_non_null(strstr(d.text, path));
	if (!strstr(d.text, says))
		fail_msg("said \"%s\"", d.text);
}

static void refuses_what_is_no_results_file(void **state)
{
	refuse("", "line 1");
	refuse("{\"results_version\": 10, \"tests\": {\"igt@a@b\": {\"result\": \"pa", "line 1");
	refuse("[]", "results_version 0, expected 10");
	refuse("{\"results_version\": 9, \"tests\": {}}", "results_version 9, expected 10");
	refuse("{\"results_version\": 10}", "holds no tests");
	refuse("{\"results_version\": 10, \"tests\": [1]}", "holds no tests");
	refuse("\xff\xfe", "line 1");
}

static void refuses_every_truncation(void **state)
{
	char *text = calloc(1, 1 << 20);
	FILE *f = fopen(DATA "/results.json", "r");
	size_t size = fread(text, 1, (1 << 20) - 1, f);

	fclose(f);
	assert_true(size > 1000);
	for (size_t cut = 1; cut < size - 2; cut += 97) {
		char c = text[cut];

		text[cut] = '\0';
		refuse(text, "line ");
		text[cut] = c;
	}
	free(text);
}

static void a_missing_file_has_its_name_in_the_message(void **state)
{
	json_t *root;

	assert_true(results_load("/nowhere/results.json", &root, &d) < 0);
	assert_non_null(strstr(d.text, "/nowhere/results.json"));
}

static void saving_to_a_full_disk_says_so_and_leaves_nothing(void **state)
{
	json_t *root = results_new("x");

	assert_true(results_save(root, "/nowhere/results.json", &d) < 0);
	assert_non_null(strstr(d.text, "No such file"));
	assert_int_equal(d.status, GEMRACE_HARNESS);
	json_decref(root);
}

/* One test with @result, and @extra members, makes a run end with @expected. */
static void check_run(const char *result, const char *member, const char *value, int expected)
{
	json_t *root = results_new("x"), *test = json_pack("{s:s}", "result", result);

	if (member)
		json_object_set_new(test, member, value ? json_string(value) : json_true());
	json_object_set_new(results_tests(root), "igt@a@b", test);
	if (verdict_of_run(root) != (enum gemrace_exit)expected)
		fail_msg("%s %s: %d, expected %d", result, member ? member : "",
			 verdict_of_run(root), expected);
	json_decref(root);
}

static void a_run_is_judged(void **state)
{
	json_t *empty = results_new("x"), *broken = results_new("x");

	check_run("pass", NULL, NULL, GEMRACE_OK);
	check_run("warn", NULL, NULL, GEMRACE_OK);
	check_run("skip", NULL, NULL, GEMRACE_INCONCLUSIVE);
	check_run("skip", "out", "Test requirement: underpowered: one CPU", GEMRACE_INCONCLUSIVE);
	check_run("notrun", NULL, NULL, GEMRACE_INCONCLUSIVE);
	check_run("incomplete", "cut_off", NULL, GEMRACE_INCONCLUSIVE);
	check_run("incomplete", NULL, NULL, GEMRACE_DEFECT);
	check_run("dmesg-warn", NULL, NULL, GEMRACE_DEFECT);
	check_run("fail", NULL, NULL, GEMRACE_DEFECT);
	check_run("a word of the future", NULL, NULL, GEMRACE_DEFECT);

	assert_int_equal(verdict_of_run(empty), GEMRACE_INCONCLUSIVE);
	json_object_set_new(results_info(broken), "harness_error", json_string("no boot"));
	assert_int_equal(verdict_of_run(broken), GEMRACE_HARNESS);
	json_decref(empty);
	json_decref(broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_igt_runner_wrote),
		cmocka_unit_test(prefers_the_words_of_the_test),
		cmocka_unit_test(refuses_what_is_no_results_file),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(a_missing_file_has_its_name_in_the_message),
		cmocka_unit_test(saving_to_a_full_disk_says_so_and_leaves_nothing),
		cmocka_unit_test(a_run_is_judged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
