// SPDX-License-Identifier: MIT
/* Known defects: what files are taken, and which results they explain. */
#include "unit.h"

#include "diag.h"
#include "known/apply.h"
#include "known/cause.h"
#include "results/document.h"
#include "results/merge.h"
#include "results/verdict.h"

#include <unistd.h>

static const char info[] = "{\"id\": \"R1-info\", \"title\": \"FILE_INFO after rmmod\","
			   "\"kernels\": [\"6.1-6.18\", \"7.2-\"],"
			   "\"match\": [{\"title\": \"BUG: unable to handle page fault in "
			   "sync_file_get_name\"}, {\"reason\": \"^names of .* are stale$\"}],"
			   "\"subtests\": [\"fence_module_unload@*\"], \"origin\": \"mail\","
			   "\"doc\": \"docs/defects/info.md\"}";

static const char oops[] =
	"<6> [4.100000] [IGT] fence_module_unload: starting subtest info\n"
	"<1> [4.200000] BUG: unable to handle page fault for address: ffffffffc0401000\n"
	"<1> [4.200100] #PF: supervisor read access in kernel mode\n"
	"<4> [4.200200] Oops: 0000 [#1] PREEMPT SMP NOPTI\n"
	"<4> [4.200300] CPU: 0 UID: 0 PID: 77 Comm: fence_module_un Not tainted 6.12.117 #1\n"
	"<4> [4.200400] RIP: 0010:sync_file_get_name+0x21/0x90\n"
	"<4> [4.200500] Call Trace:\n"
	"<4> [4.200600]  <TASK>\n"
	"<4> [4.200700]  sync_file_ioctl+0x21/0x90\n"
	"<4> [4.200800]  __x64_sys_ioctl+0x94/0xd0\n"
	"<4> [4.200900]  </TASK>\n"
	"<4> [4.201000] ---[ end trace 0000000000000000 ]---\n";

static const char warning[] =
	"<4> [4.300000] ------------[ cut here ]------------\n"
	"<4> [4.300100] WARNING: CPU: 0 PID: 77 at drivers/gpu/drm/drm_gem.c:1 drm_gem_x+0x1/0x2\n"
	"<4> [4.300200] RIP: 0010:drm_gem_x+0x1/0x2\n"
	"<4> [4.300300] Call Trace:\n"
	"<4> [4.300400]  drm_release+0x1/0x2\n"
	"<4> [4.300500] ---[ end trace 0000000000000000 ]---\n";

struct folder {
	char dir[64], path[96];
};

static void write_file(struct folder *f, const char *text)
{
	FILE *file;

	strcpy(f->dir, "/tmp/gemrace-known-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/a.json", f->dir);
	file = fopen(f->path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_file(struct folder *f)
{
	unlink(f->path);
	rmdir(f->dir);
}

static json_t *document(const char *release)
{
	json_t *root = results_new("known");

	json_object_set_new(results_info(root), "kernel_release", json_string(release));
	return root;
}

static json_t *add(json_t *root, const char *name, const char *word, const char *err,
		   const char *dmesg)
{
	json_t *test = json_pack("{s:s, s:s, s:s, s:s}", "result", word, "out", "", "err", err,
				 "dmesg", dmesg);

	json_object_set_new(results_tests(root), name, test);
	return test;
}

static void apply(json_t *root)
{
	struct known_list list;
	struct diag d;
	struct folder f;

	write_file(&f, info);
	assert_int_equal(known_load(f.dir, &list, &d), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(known_apply(&list, root), 0);
	known_finish(&list);
	remove_file(&f);
}

#define INFO "igt@fence_module_unload@info"

static void an_oops_is_known(void **state)
{
	json_t *root = document("6.12.117+deb12-amd64");
	json_t *test = add(root, INFO, "incomplete", "", oops);

	/* the console saw the whole of it, igt_runner's copy ends in the middle */
	json_object_set_new(test, "dmesg",
			    json_sprintf("%.*s\n%s", 500, oops, strchr(oops, '\n') + 1));
	apply(root);
	assert_string_equal(test_known(test), "R1-info");
	assert_string_equal(json_string_value(json_object_get(test, "title")),
			    "BUG: unable to handle page fault in sync_file_get_name");
	assert_int_equal(json_string_length(json_object_get(test, "fingerprint")), 16);
	assert_int_equal(verdict_of_run(root), GEMRACE_OK);
	assert_string_equal(results_word(test), "incomplete");
	json_decref(root);
}

static void what_follows_a_death_is_known(void **state)
{
	json_t *root = document("6.12.117");
	json_t *test = add(root, INFO, "dmesg-fail",
			   "(a:1) CRITICAL: subtest info died of SIGKILL (9)\n"
			   "(a:1) CRITICAL: leak: module reference on vgem: references 0 -> 1\n",
			   oops);

	apply(root);
	assert_string_equal(test_known(test), "R1-info");
	json_decref(root);
}

static void a_second_cry_is_new(void **state)
{
	json_t *root = document("6.12.117"), *test;
	char both[4096];

	snprintf(both, sizeof(both), "%s%s", oops, warning);
	test = add(root, INFO, "dmesg-fail", "", both);
	apply(root);
	assert_null(test_known(test));
	assert_int_equal(verdict_of_run(root), GEMRACE_DEFECT);
	json_decref(root);
}

static void a_second_sentence_is_new(void **state)
{
	json_t *root = document("6.12.117");
	json_t *both = add(root, INFO, "fail",
			   "(a:1) CRITICAL: names of fence 1 are stale\n"
			   "(a:1) CRITICAL: leak: module reference on vgem: references 0 -> 1\n",
			   "");
	json_t *one = add(root, INFO "-2", "fail",
			  "(a:1) CRITICAL: Test assertion failure in f, ../tests/a.c:1:\n"
			  "Failed assertion: a == b\nLast errno: 2, No\nvalues: 1, 2\n"
			  "names of fence 1 are stale\nSubtest info failed.\n"
			  "**** DEBUG ****\n(a:1) CRITICAL: something else\n****  END  ****\n",
			  "");

	apply(root);
	assert_null(test_known(both));
	assert_string_equal(test_known(one), "R1-info");
	json_decref(root);
}

/* As a test that watches the kernel log itself says it, run without igt_runner. */
static void a_cry_in_a_sentence_is_known(void **state)
{
	json_t *root = document("6.12.117");
	json_t *test = add(root, INFO, "fail",
			   "(a:1) CRITICAL: BUG: unable to handle page fault in sync_file_get_name "
			   "[oops 0123456789abcdef]\n",
			   "");
	struct causes causes;

	apply(root);
	assert_string_equal(test_known(test), "R1-info");
	assert_int_equal(causes_of(test, &causes), 0);
	assert_string_equal(causes.at[0].fingerprint, "0123456789abcdef");
	causes_finish(&causes);
	json_decref(root);
}

static void elsewhere_it_is_new(void **state)
{
	json_t *root = document("6.19.1"), *other = document("6.12.117"), *test;

	test = add(root, INFO, "incomplete", "", oops);
	apply(root);
	assert_null(test_known(test));
	assert_int_equal(json_array_size(json_object_get(results_info(root), "known")), 0);
	json_decref(root);

	test = add(other, "igt@gem_flink_race@flink-vs-close", "incomplete", "", oops);
	apply(other);
	assert_null(test_known(test));
	json_decref(other);
}

static void what_ends_with_it_is_known(void **state)
{
	json_t *root = document("6.12.117"), *aborted, *between, *dynamic;

	add(root, INFO, "dmesg-warn", "", oops);
	dynamic = add(root, INFO "@vgem", "incomplete", "", oops);
	between = add(root, "igt@gemrace@vm-2", "incomplete", "", oops);
	aborted = add(root, "igt@runner@aborted", "fail", "", "");
	json_object_set_new(aborted, "out",
			    json_string("Aborting.\nPrevious test: fence_module_unload (info)\n"
					"Next test: x (y)\n\nKernel badly tainted (0x80)\n"));
	apply(root);
	assert_string_equal(test_known(dynamic), "R1-info");
	assert_string_equal(test_known(between), "R1-info");
	assert_string_equal(test_known(aborted), "R1-info");
	assert_int_equal(verdict_of_run(root), GEMRACE_OK);
	json_decref(root);
}

static int told(const json_t *root, const char *member)
{
	const json_t *known = json_object_get(json_object_get(root, "gemrace"), "known");

	return json_integer_value(json_object_get(json_array_get(known, 0), member));
}

static void it_is_counted(void **state)
{
	json_t *root = document("6.12.117"), *totals;

	add(root, INFO, "incomplete", "", oops);
	add(root, INFO "@vgem", "incomplete", "", oops);
	add(root, "igt@fence_module_unload@close", "pass", "", "");
	add(root, "igt@fence_module_unload@deadline", "skip", "", "");
	apply(root);
	assert_int_equal(told(root, "ran"), 2);
	assert_int_equal(told(root, "shown"), 1);
	totals = results_count_subtests(root);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(totals, "root"), RESULTS_KNOWN)),
		1);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(totals, "root"), "incomplete")),
		0);
	json_decref(totals);
	json_decref(root);
}

static void what_no_longer_shows_is_told(void **state)
{
	json_t *root = document("6.12.117");

	add(root, INFO, "pass", "", "");
	apply(root);
	assert_int_equal(told(root, "ran"), 1);
	assert_int_equal(told(root, "shown"), 0);
	assert_int_equal(verdict_of_run(root), GEMRACE_OK);
	json_decref(root);
}

static void nobody_asks_what_is_not_detected(void **state)
{
	static const struct {
		const char *detector;
		size_t told;
	} rows[] = { { "soft-lockup", 0 }, { "kasan", 1 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *root = document("6.12.117");
		struct known_list list;
		struct diag d = { 0 };
		struct folder f;

		write_file(&f, "{\"id\": \"x\", \"title\": \"t\", \"origin\": \"o\","
			       "\"kernels\": \"6.1-\", \"detector\": \"kasan\","
			       "\"match\": [{\"reason\": \"a\"}],"
			       "\"subtests\": [\"*@*\"]}");
		assert_int_equal(known_load(f.dir, &list, &d), 0);
		add(root, INFO, "pass", "", "");
		json_object_set_new(results_info(root), "detectors",
				    json_pack("[s]", rows[i].detector));
		assert_int_equal(known_apply(&list, root), 0);
		assert_int_equal(json_array_size(json_object_get(results_info(root), "known")),
				 rows[i].told);
		known_finish(&list);
		remove_file(&f);
		json_decref(root);
	}
}

/* What is wrong, and a word that the message must hold. */
static const struct {
	const char *text, *word;
} bad_files[] = {
	{ "", "a.json" },
	{ "[]", "expected an object" },
	{ "{\"id\": \"x\"}", "\"title\"" },
	{ "{\"id\": \"a b\", \"title\": \"t\", \"origin\": \"o\"}", "\"id\"" },
	{ "{\"id\": \"x\", \"title\": \"t\", \"origin\": \"o\", \"fingerprints\": []}",
	  "\"fingerprints\": no such member" },
#define HEAD "{\"id\": \"x\", \"title\": \"t\", \"origin\": \"o\", "
	{ HEAD "\"kernels\": \"6\"}", "\"kernels\"" },
	{ HEAD "\"kernels\": []}", "\"kernels\"" },
	{ HEAD "\"kernels\": \"6.12-6.1\"}", "\"kernels\"" },
	{ HEAD "\"kernels\": \"6.1-\"}", "\"match\"" },
#define KERNELS HEAD "\"kernels\": \"6.1-\", "
	{ KERNELS "\"match\": []}", "\"match\"" },
	{ KERNELS "\"match\": [{\"title\": \"\"}]}", "\"match\"" },
	{ KERNELS "\"match\": [{\"title\": \"a\", \"reason\": \"b\"}]}", "\"match\"" },
	{ KERNELS "\"match\": [{\"fingerprint\": \"0xabc\"}]}", "\"fingerprint\"" },
	{ KERNELS "\"match\": [{\"reason\": \"(\"}]}", "\"reason\"" },
	{ KERNELS "\"match\": [{\"reason\": \"a\"}]}", "\"subtests\"" },
	{ KERNELS "\"match\": [{\"reason\": \"a\"}], \"subtests\": [\"igt@a@b\"]}",
	  "\"subtests\"" },
};

static void bad_files_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(*bad_files); i++) {
		struct known_list list;
		struct diag d = { .text = "" };
		struct folder f;

		write_file(&f, bad_files[i].text);
		assert_int_not_equal(known_load(f.dir, &list, &d), 0);
		assert_int_equal(d.status, GEMRACE_USAGE);
		assert_non_null(strstr(d.text, bad_files[i].word));
		assert_null(strchr(d.text, '\n'));
		known_finish(&list);
		remove_file(&f);
	}
}

static void the_same_id_twice_is_refused(void **state)
{
	struct known_list list;
	struct diag d;
	struct folder f, g;
	char second[128];

	write_file(&f, info);
	write_file(&g, info);
	snprintf(second, sizeof(second), "%s/b.json", f.dir);
	assert_int_equal(rename(g.path, second), 0);
	assert_int_not_equal(known_load(f.dir, &list, &d), 0);
	assert_non_null(strstr(d.text, "R1-info"));
	known_finish(&list);
	unlink(second);
	remove_file(&f);
	remove_file(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_oops_is_known),
		cmocka_unit_test(what_follows_a_death_is_known),
		cmocka_unit_test(a_second_cry_is_new),
		cmocka_unit_test(a_second_sentence_is_new),
		cmocka_unit_test(a_cry_in_a_sentence_is_known),
		cmocka_unit_test(elsewhere_it_is_new),
		cmocka_unit_test(what_ends_with_it_is_known),
		cmocka_unit_test(it_is_counted),
		cmocka_unit_test(what_no_longer_shows_is_told),
		cmocka_unit_test(nobody_asks_what_is_not_detected),
		cmocka_unit_test(bad_files_are_refused),
		cmocka_unit_test(the_same_id_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
