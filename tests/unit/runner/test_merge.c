// SPDX-License-Identifier: MIT
/* Several VMs' results become one document in which nothing is lost and nothing is counted twice. */
#include "unit.h"

#include "plan/plan.h"
#include "results/document.h"
#include "results/merge.h"
#include "results/verdict.h"

static json_t *document(const char *words, double runtime, double start, double end)
{
	json_t *root = results_new("part"), *time;
	char name[16] = "igt@b@a";

	/* a letter a test, named by its place: p(ass), n(otrun), i(ncomplete) */
	for (const char *w = words; *w; w++, name[6]++)
		json_object_set_new(results_tests(root), name,
				    json_pack("{s:s, s:s}", "result",
					      *w == 'p'   ? "pass"
					      : *w == 'n' ? "notrun"
							  : "incomplete",
					      "dmesg", ""));
	time = json_pack("{s:{s:f, s:f}}", "time", "start", 0.0, "end", runtime);
	json_object_set_new(json_object_get(root, "runtimes"), "igt@b", time);
	json_object_set_new(root, "time_elapsed",
			    json_pack("{s:f, s:f}", "start", start, "end", end));
	return root;
}

static const char *word(const json_t *root, const char *name)
{
	return results_word(json_object_get(results_tests(root), name));
}

static int vm_of(const json_t *root, const char *name)
{
	return json_integer_value(
		json_object_get(json_object_get(results_tests(root), name), "vm"));
}

static double runtime(const json_t *root)
{
	return results_seconds(json_object_get(json_object_get(root, "runtimes"), "igt@b"));
}

static void a_second_vm_fills_what_the_first_left(void **state)
{
	json_t *root = results_new("whole"), *one = document("pinn", 5, 100, 110),
	       *two = document("pipp", 7, 120, 130), *elapsed;

	results_merge(root, one, 1, false);
	results_merge(root, two, 2, true);
	assert_string_equal(word(root, "igt@b@a"), "pass");
	assert_string_equal(word(root, "igt@b@b"), "incomplete");
	assert_string_equal(word(root, "igt@b@c"), "pass");
	assert_string_equal(word(root, "igt@b@d"), "pass");
	assert_int_equal(vm_of(root, "igt@b@a"), 1);
	assert_int_equal(vm_of(root, "igt@b@b"), 1);
	assert_int_equal(vm_of(root, "igt@b@d"), 2);
	assert_true(runtime(root) == 7); /* igt_resume's covers the first VM's */
	elapsed = json_object_get(root, "time_elapsed");
	assert_true(json_number_value(json_object_get(elapsed, "start")) == 100);
	assert_true(json_number_value(json_object_get(elapsed, "end")) == 130);
	json_decref(one);
	json_decref(two);
	json_decref(root);
}

static void a_fresh_runner_adds_its_time(void **state)
{
	json_t *root = results_new("whole"), *one = document("pi", 5, 100, 110),
	       *two = document("p", 7, 120, 130);

	results_merge(root, one, 1, false);
	results_merge(root, two, 2, false);
	assert_true(runtime(root) == 12);
	json_decref(one);
	json_decref(two);
	json_decref(root);
}

static void an_earlier_result_is_never_overwritten(void **state)
{
	json_t *root = results_new("whole"), *one = document("i", 1, 1, 2),
	       *two = document("p", 1, 3, 4);

	results_merge(root, one, 1, false);
	results_merge(root, two, 2, false);
	assert_string_equal(word(root, "igt@b@a"), "incomplete");
	json_decref(one);
	json_decref(two);
	json_decref(root);
}

static void what_was_planned_and_not_reported_is_notrun(void **state)
{
	struct planned_test planned[] = {
		{ .binary = (char *)"b", .subtest = (char *)"a" },
		{ .binary = (char *)"b", .subtest = (char *)"Dyn" },
		{ .binary = (char *)"b", .subtest = (char *)"missing" },
		{ .binary = (char *)"c" },
	};
	const struct plan plan = { .tests = planned, .count = 4 };
	json_t *root = document("p", 1, 1, 2);

	json_object_set_new(results_tests(root), "igt@b@dyn@x",
			    json_pack("{s:s}", "result", "pass"));
	assert_int_equal(results_add_missing(root, &plan), 2);
	assert_string_equal(word(root, "igt@b@missing"), "notrun");
	assert_string_equal(word(root, "igt@c"), "notrun");
	assert_null(json_object_get(results_tests(root), "igt@b@dyn"));
	assert_int_equal(verdict_of_run(root), GEMRACE_INCONCLUSIVE);
	json_decref(root);
}

static void a_splat_is_charged_to_the_test_that_ran(void **state)
{
	json_t *root = document("pi", 1, 1, 2), *test;

	json_object_set_new(results_tests(root), "igt@b@b@vgem",
			    json_pack("{s:s}", "result", "incomplete"));
	json_object_set_new(results_tests(root), "igt@b@b@bochs",
			    json_pack("{s:s}", "result", "pass"));
	results_annotate(root, "igt@b@b", "incomplete", "the kernel went down",
			 "BUG: \xff unable to handle\n", 1);
	test = json_object_get(results_tests(root), "igt@b@b");
	assert_string_equal(json_string_value(json_object_get(test, "splat")),
			    "BUG: ? unable to handle\n");
	assert_string_equal(json_string_value(json_object_get(test, "dmesg")),
			    "BUG: ? unable to handle\n");
	test = json_object_get(results_tests(root), "igt@b@b@vgem");
	assert_non_null(json_object_get(test, "splat"));
	test = json_object_get(results_tests(root), "igt@b@b@bochs");
	assert_null(json_object_get(test, "splat"));
	test = json_object_get(results_tests(root), "igt@b@a");
	assert_null(json_object_get(test, "splat"));

	results_annotate(root, "igt@b@new", "incomplete", "never reported", NULL, 2);
	assert_string_equal(word(root, "igt@b@new"), "incomplete");
	assert_int_equal(vm_of(root, "igt@b@new"), 2);
	json_decref(root);
}

static void totals_are_igt_runners(void **state)
{
	json_t *root, *theirs, *subtests;

	root = json_load_file(DATA "/results.json", 0, NULL);
	assert_non_null(root);
	theirs = json_deep_copy(json_object_get(root, "totals"));
	results_total(root);
	assert_true(json_equal(json_object_get(root, "totals"), theirs));

	subtests = results_count_subtests(root);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(subtests, "root"), "pass")),
		json_integer_value(json_object_get(json_object_get(theirs, "root"), "pass")) - 2);
	json_decref(subtests);
	json_decref(theirs);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_vm_fills_what_the_first_left),
		cmocka_unit_test(a_fresh_runner_adds_its_time),
		cmocka_unit_test(an_earlier_result_is_never_overwritten),
		cmocka_unit_test(what_was_planned_and_not_reported_is_notrun),
		cmocka_unit_test(a_splat_is_charged_to_the_test_that_ran),
		cmocka_unit_test(totals_are_igt_runners),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
