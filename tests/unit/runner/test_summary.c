// SPDX-License-Identifier: MIT
#include "unit.h"

#include "report/json.h"
#include "report/summary.h"
#include "results/document.h"
#include "results/merge.h"
#include "results/reason.h"

static char *text;
static size_t size;

static json_t *recorded(void)
{
	json_t *root = json_load_file(DATA "/results.json", 0, NULL);
	json_t *info = results_info(root);

	json_object_set_new(info, "kernel", json_string("6.12.0 (debian:6.12)"));
	json_object_set_new(info, "detectors", json_array());
	json_object_set_new(info, "times",
			    json_pack("{s:f, s:f}", "first_subtest_s", 5.25, "total_s", 41.0));
	results_total(root);
	return root;
}

static const char *summarise(const json_t *root)
{
	FILE *f = open_memstream(&text, &size);

	report_summary(f, root);
	fclose(f);
	return text;
}

static void expect(const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void says_what_happened(void **state)
{
	json_t *root = recorded();

	summarise(root);
	expect("              pass  skip  warn  fail  timeout  incomplete      time\n");
	expect("sh_one           2     1     1     1        1           1");
	expect("sh_two           1     .     .     .        .           .");
	expect("fail        sh_one@bad\n            Failed assertion: a == b\n");
	expect("skip        sh_one@skipme\n            nothing\n");
	expect("kernel      6.12.0 (debian:6.12)\n");
	expect("detectors   none: a pass is weak evidence\n");
	expect("time        first subtest after 5.2 s, 41.0 s in all\n");
	expect("the kernel misbehaved: 3 pass, 1 skip, 1 warn, 1 fail, 1 timeout, 1 incomplete\n");
	assert_null(strchr(text, '\033'));
	/* worst first */
	assert_true(strstr(text, "incomplete  sh_one@crash") <
		    strstr(text, "fail        sh_one@bad"));
	free(text);
	json_decref(root);
}

static void tells_skips_by_their_reason(void **state)
{
	json_t *root = recorded();
	char name[64];

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "igt@sh_one@needs-what-is-not-there-%d", i);
		results_annotate(root, name, "skip", "not there", NULL, 0);
	}
	results_annotate(root, "igt@sh_two@needs", "skip", "not there", NULL, 0);
	summarise(root);
	expect("\n\nskip        not there: 13\n"
	       "            sh_one@needs-what-is-not-there-0, needs-what-is-not-there-1,"
	       " needs-what-is-not-there-2,\n"
	       "            needs-what-is-not-there-3, needs-what-is-not-there-4,"
	       " needs-what-is-not-there-5, and 7 more\n");
	/* one of its kind keeps its place */
	expect("skip        sh_one@skipme\n            nothing\n");
	free(text);
	json_decref(root);
}

/* Where a line is too long it is not cut inside a character, which no JSON would hold. */
static void cuts_a_reason_between_characters(void **state)
{
	char reason[REASON_MAX + 16], whole[REASON_MAX + 24];
	json_t *root = recorded();

	memset(reason, 'x', sizeof(reason));
	strcpy(reason + REASON_MAX - 2, "\xe2\x82\xac behind");
	results_annotate(root, "igt@sh_two@a", "skip", reason, NULL, 0);
	results_annotate(root, "igt@sh_two@b", "skip", reason, NULL, 0);
	summarise(root);
	snprintf(whole, sizeof(whole), "skip        %.*s: 2\n", REASON_MAX - 2, reason);
	expect(whole);
	free(text);
	json_decref(root);
}

static void shows_the_head_of_a_splat(void **state)
{
	json_t *root = recorded();

	results_annotate(root, "igt@sh_one@crash", "incomplete",
			 "the kernel went down while it ran", "1\n2\n3\n4\n5\n6\n7\n8\n", 2);
	summarise(root);
	expect("            the kernel went down while it ran\n            | 1\n");
	expect("            | 6\n            | ...\n");
	free(text);
	json_decref(root);
}

static void a_dynamic_subtest_speaks_for_its_parent(void **state)
{
	json_t *root = recorded();

	results_annotate(root, "igt@sh_one@dyn@a", "fail", "the inner one", NULL, 0);
	results_annotate(root, "igt@sh_one@dyn", "fail", "the outer one", NULL, 0);
	summarise(root);
	expect("the inner one");
	assert_null(strstr(text, "the outer one"));
	free(text);
	json_decref(root);
}

static void json_is_one_document(void **state)
{
	json_t *root = recorded(), *document, *test;
	FILE *f = open_memstream(&text, &size);
	size_t i, seen = 0;

	report_json(f, root);
	fclose(f);
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	assert_int_equal(json_integer_value(json_object_get(document, "status")), 1);
	assert_string_equal(json_string_value(json_object_get(document, "kernel")),
			    "6.12.0 (debian:6.12)");
	json_array_foreach(json_object_get(document, "tests"), i, test)
	{
		if (strcmp(json_string_value(json_object_get(test, "name")), "igt@sh_one@bad"))
			continue;
		seen++;
		assert_string_equal(json_string_value(json_object_get(test, "reason")),
				    "Failed assertion: a == b");
	}
	assert_int_equal(seen, 1);
	assert_int_equal(i, json_object_size(results_tests(root)));
	json_decref(document);
	json_decref(root);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_happened),
		cmocka_unit_test(tells_skips_by_their_reason),
		cmocka_unit_test(cuts_a_reason_between_characters),
		cmocka_unit_test(shows_the_head_of_a_splat),
		cmocka_unit_test(a_dynamic_subtest_speaks_for_its_parent),
		cmocka_unit_test(json_is_one_document),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
