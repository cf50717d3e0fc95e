// SPDX-License-Identifier: MIT
/* igt_runner's folder and ours: what ran last, and what must not be overwritten. */
#include "unit.h"

#include "diag.h"
#include "results/folder.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/gemrace-unit-XXXXXX";
static struct diag d;

static const char *in(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void prepare(const char *path, bool overwrite)
{
	int lock = results_folder_prepare(path, overwrite, &d);

	if (lock < 0)
		fail_msg("%s", d.text);
	close(lock);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/gemrace-unit-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	return results_folder_remove(dir);
}

static void finds_the_last_test_started(void **state)
{
	char name[64];

	assert_false(igt_folder_last(dir, name, sizeof(name)));
	put("joblist.txt", "race one\nrace Two\nbare\n");
	assert_false(igt_folder_last(dir, name, sizeof(name)));
	mkdir(in("0"), 0755);
	mkdir(in("attachments"), 0755);
	assert_true(igt_folder_last(dir, name, sizeof(name)));
	assert_string_equal(name, "igt@race@one");
	mkdir(in("1"), 0755);
	assert_true(igt_folder_last(dir, name, sizeof(name)));
	assert_string_equal(name, "igt@race@two");
	mkdir(in("2"), 0755);
	assert_true(igt_folder_last(dir, name, sizeof(name)));
	assert_string_equal(name, "igt@bare");
	mkdir(in("10"), 0755); /* more than the list holds: a cut-off list tells nothing */
	assert_false(igt_folder_last(dir, name, sizeof(name)));
}

static void sets_a_cut_off_socket_record_aside(void **state)
{
	assert_false(igt_folder_set_comms_aside(dir));
	mkdir(in("0"), 0755);
	mkdir(in("1"), 0755);
	put("0/comms", "x");
	put("1/comms", "x");
	assert_true(igt_folder_set_comms_aside(dir));
	assert_int_equal(access(in("0/comms"), F_OK), 0);
	assert_int_not_equal(access(in("1/comms"), F_OK), 0);
	assert_false(igt_folder_set_comms_aside(dir));
}

static void takes_a_new_or_empty_folder(void **state)
{
	char path[256];

	strcpy(path, in("new"));
	prepare(path, false);
	assert_true(results_folder_prepare(path, false, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_non_null(strstr(d.text, "--overwrite"));
	prepare(path, true);
	mkdir(in("empty"), 0755);
	prepare(in("empty"), false);
}

static void overwrites_in_place(void **state)
{
	char path[256], link[256];
	struct stat before, after;

	strcpy(path, in("ours"));
	strcpy(link, in("link"));
	prepare(path, false);
	mkdir(in("ours/igt"), 0755);
	put("ours/igt/old", "x");
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(symlink(path, link), 0);
	prepare(link, true);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_not_equal(access(in("ours/igt"), F_OK), 0);
	assert_int_equal(access(in("ours/.gemrace"), F_OK), 0);
	assert_int_equal(lstat(link, &after), 0);
	assert_true(S_ISLNK(after.st_mode));
}

static void two_gemraces_do_not_share_one(void **state)
{
	char path[256];
	int lock;

	strcpy(path, in("shared"));
	lock = results_folder_prepare(path, false, &d);
	assert_true(lock >= 0);
	put("shared/results.json", "x");
	assert_true(results_folder_check(path, true, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_non_null(strstr(d.text, "another gemrace"));
	assert_true(results_folder_prepare(path, true, &d) < 0);
	assert_int_equal(access(in("shared/results.json"), F_OK), 0);
	close(lock);
	prepare(path, true);
	assert_int_not_equal(access(in("shared/results.json"), F_OK), 0);
}

static void never_removes_what_is_not_ours(void **state)
{
	char path[256];

	mkdir(in("theirs"), 0755);
	put("theirs/thesis.tex", "x");
	strcpy(path, in("theirs"));
	assert_true(results_folder_prepare(path, true, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_int_equal(access(in("theirs/thesis.tex"), F_OK), 0);
	put("file", "x");
	strcpy(path, in("file"));
	assert_true(results_folder_check(path, true, &d) < 0);
	assert_true(results_folder_prepare("/nowhere/at/all", false, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_the_last_test_started, setup, teardown),
		cmocka_unit_test_setup_teardown(sets_a_cut_off_socket_record_aside, setup,
						teardown),
		cmocka_unit_test_setup_teardown(takes_a_new_or_empty_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(overwrites_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(two_gemraces_do_not_share_one, setup, teardown),
		cmocka_unit_test_setup_teardown(never_removes_what_is_not_ours, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
