// SPDX-License-Identifier: MIT
#include "unit.h"

#include "diag.h"
#include "plan/plan.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/gemrace-unit-XXXXXX";
static struct diag d;

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(dir));
	write_file("test-list.txt", "TESTLIST\nrace bare\nEND TESTLIST\n", 0644);
	write_file("race", "#!/bin/sh\necho flink-vs-close; echo Open-vs-close\n", 0755);
	write_file("bare", "#!/bin/sh\nexit 79\n", 0755);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "test-list.txt", "destructive-list.txt", "race",
					     "bare", "out" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

/* Builds a plan from one expression each (or NULL) and compares it with names in one string. */
static void expect(const char *include, const char *exclude, const char *names)
{
	const char *in[] = { include, NULL }, *ex[] = { exclude, NULL };
	const struct strings includes = { in, include != NULL }, excludes = { ex, exclude != NULL };
	char seen[512] = "", name[PLAN_NAME_MAX];
	struct plan plan;

	if (plan_build(dir, &includes, &excludes, -1, &plan, &d))
		fail_msg("%s", d.text);
	for (size_t i = 0; i < plan.count; i++) {
		plan_name(&plan.tests[i], name);
		strcat(strcat(seen, i ? " " : ""), name);
	}
	assert_string_equal(seen, names);
	plan_finish(&plan);
}

static void selects_as_igt_runner_does(void **state)
{
	expect(NULL, NULL, "igt@race@flink-vs-close igt@race@open-vs-close igt@bare");
	expect("FLINK", NULL, "igt@race@flink-vs-close");
	expect("^igt@race@", "flink", "igt@race@open-vs-close");
	expect("bare|open", NULL, "igt@race@open-vs-close igt@bare");
}

static void nothing_selected_is_a_usage_error(void **state)
{
	const char *in[] = { "no such test", NULL };
	const struct strings includes = { in, 1 }, none = { 0 };
	struct plan plan;

	assert_true(plan_build(dir, &includes, &none, -1, &plan, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_string_equal(d.text, "no test matches");
}

static void a_binary_that_cannot_list_is_named(void **state)
{
	const struct strings none = { 0 };
	struct plan plan;

	write_file("bare", "#!/bin/sh\nkill -SEGV $$\n", 0755);
	assert_true(plan_build(dir, &none, &none, -1, &plan, &d) < 0);
	assert_int_equal(d.status, GEMRACE_HARNESS);
	assert_non_null(strstr(d.text, "/bare --list-subtests: exit status 139"));
	write_file("bare", "#!/bin/sh\nexit 79\n", 0755);
}

static bool skip_flink(const void *data, const struct planned_test *test, const char *name)
{
	return strstr(name, data) != NULL;
}

static void writes_what_remains(void **state)
{
	const struct strings none = { 0 };
	char path[128], text[256] = "";
	struct plan plan;
	FILE *f;

	assert_int_equal(plan_build(dir, &none, &none, -1, &plan, &d), 0);
	snprintf(path, sizeof(path), "%s/out", dir);
	assert_int_equal(plan_write(&plan, path, skip_flink, "flink"), 2);
	f = fopen(path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, "igt@race@Open-vs-close\nigt@bare\n");
	assert_true(plan_write(&plan, "/nowhere/out", NULL, NULL) < 0);
	plan_finish(&plan);
}

static void knows_the_destructive(void **state)
{
	static const struct {
		const char *list;
		bool flink, open, bare;
	} cases[] = {
		{ NULL, false, false, false },
		{ "", false, false, false },
		{ "race@flink-vs-close\n", true, false, false },
		{ "race@*-vs-close\nother@*\n", true, true, false },
		{ "bare@flink-vs-close\nrace@flink\n", false, false, false },
	};
	const struct strings none = { 0 };
	struct plan plan;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i].list)
			write_file("destructive-list.txt", cases[i].list, 0644);
		assert_int_equal(plan_build(dir, &none, &none, -1, &plan, &d), 0);
		assert_int_equal(plan.tests[0].destructive, cases[i].flink);
		assert_int_equal(plan.tests[1].destructive, cases[i].open);
		assert_int_equal(plan.tests[2].destructive, cases[i].bare);
		plan_finish(&plan);
	}
}

static void tames_what_skips_in_this_profile(void **state)
{
	static const struct {
		const char *profile;
		bool flink, open;
	} cases[] = {
		{ "quick", false, true },
		{ "full", true, true },
		{ "soak", true, true },
	};
	const struct strings none = { 0 };
	struct plan plan;

	write_file("destructive-list.txt", "race@flink-* full\nrace@Open-*\n", 0644);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(plan_build(dir, &none, &none, -1, &plan, &d), 0);
		plan_tame(&plan, cases[i].profile);
		assert_int_equal(plan.tests[0].destructive, cases[i].flink);
		assert_int_equal(plan.tests[1].destructive, cases[i].open);
		plan_finish(&plan);
	}
}

static void refuses_a_broken_list(void **state)
{
	static const char *const bad[] = { "", "TESTLIST\nrace\n", "race bare\n",
					   "END TESTLIST\n" };
	size_t count;
	char **names;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_true(plan_parse_test_list(bad[i], &names, &count) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selects_as_igt_runner_does),
		cmocka_unit_test(nothing_selected_is_a_usage_error),
		cmocka_unit_test(a_binary_that_cannot_list_is_named),
		cmocka_unit_test(writes_what_remains),
		cmocka_unit_test(knows_the_destructive),
		cmocka_unit_test(tames_what_skips_in_this_profile),
		cmocka_unit_test(refuses_a_broken_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("plan", tests, setup, teardown);
}
