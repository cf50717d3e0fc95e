// SPDX-License-Identifier: MIT
/* The header of a semantic patch, and the kernels it names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "diag.h"
#include "prove/boot.h"
#include "prove/choice.h"
#include "prove/mutant.h"

#define HEAD                                   \
	"// Title: one line\n"                 \
	"// Origin: some commit, and\n"        \
	"//         its second half\n"         \
	"// Module: drm\n"                     \
	"// File: drivers/gpu/drm/drm_gem.c\n"
#define TAIL                                              \
	"// Devices: vgem, virtio-gpu\n"                  \
	"// Caught-by: prime_self_import@*, gem_flink@x\n" \
	"@@ @@\n- f();\n"

static void whole(void **state)
{
	static const char text[] = HEAD "// Kernels: 6.1-\n// Kind: race\n" TAIL;
	struct mutant m;
	struct diag d;

	assert_int_equal(mutant_parse("some/where/no-get.cocci", text, &m, &d), 0);
	assert_string_equal(m.id, "no-get");
	assert_string_equal(m.path, "some/where/no-get.cocci");
	assert_string_equal(m.title, "one line");
	assert_string_equal(m.origin, "some commit, and its second half");
	assert_string_equal(m.module, "drm");
	assert_string_equal(m.files[0], "drivers/gpu/drm/drm_gem.c");
	assert_null(m.files[1]);
	assert_string_equal(m.devices[1], "virtio-gpu");
	assert_null(m.devices[2]);
	assert_string_equal(m.caught_by[0], "prime_self_import@*");
	assert_string_equal(m.caught_by[1], "gem_flink@x");
	assert_int_equal(m.kind, MUTANT_RACE);
	assert_int_equal(m.kernels.first.major, 6);
	assert_int_equal(m.kernels.last.major, 0);
	assert_null(m.symptom);
	mutant_finish(&m);
}

/* Each is refused, and the line says where and why. */
static void bad(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "lacks '// Title: ...'" },
		{ HEAD "// Kernels: 6.1-\n" TAIL, "lacks '// Kind: ...'" },
		{ HEAD "// Kernels: 6.1\n" TAIL, "x.cocci:6: bad value '6.1' for 'Kernels'" },
		{ HEAD "// Kind: sometimes\n" TAIL, "x.cocci:6: bad value 'sometimes'" },
		{ HEAD "// Kind:\n" TAIL, "x.cocci:6: bad value '' for 'Kind'" },
		{ HEAD "// Title: again\n" TAIL, "x.cocci:6: 'Title' is given twice" },
		{ HEAD "// Colour: blue\n" TAIL, "x.cocci:6: unknown header word 'Colour'" },
		{ "// just a comment\n", "x.cocci:1: not a 'Word: value' header line" },
		{ "// Module: i915\n", "x.cocci:1: bad value 'i915' for 'Module'" },
		{ "// File: , ,\n", "x.cocci:1: bad value ', ,' for 'File'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mutant m;
		struct diag d = { .status = GEMRACE_OK };

		assert_int_equal(mutant_parse("x.cocci", cases[i].text, &m, &d), -EINVAL);
		assert_int_equal(d.status, GEMRACE_USAGE);
		assert_non_null(strstr(d.text, cases[i].says));
	}
}

static void range(void **state)
{
	static const char *const wrong[] = { "",      "6",	"6.",	"6.1",	  "-6.1",
					     "6.1-6", "7.2-6.1", "6.1-x", "6.1-7.2 " };
	struct kernel_range r;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(kernel_range_parse(wrong[i], &r), -EINVAL);

	assert_int_equal(kernel_range_parse("6.2-6.12", &r), 0);
	assert_false(kernel_range_has(&r, (struct kernel_version){ 6, 1 }));
	assert_true(kernel_range_has(&r, (struct kernel_version){ 6, 2 }));
	assert_true(kernel_range_has(&r, (struct kernel_version){ 6, 12 }));
	assert_false(kernel_range_has(&r, (struct kernel_version){ 7, 0 }));

	assert_int_equal(kernel_range_parse("6.12-", &r), 0);
	assert_true(kernel_range_has(&r, (struct kernel_version){ 7, 2 }));
	assert_false(kernel_range_has(&r, (struct kernel_version){ 6, 9 }));
}

static void pattern(void **state)
{
	char *regex = boot_pattern_regex("gem_flink_race@open-*.?");

	assert_string_equal(regex, "^igt@gem_flink_race@open-.*\\..$");
	free(regex);
}

static void choice(void **state)
{
	char *vgem[] = { (char *)"vgem", NULL }, *virtio[] = { (char *)"virtio-gpu", NULL };
	char *one[] = { (char *)"a@*", NULL }, *two[] = { (char *)"b@x", (char *)"b@y", NULL };
	struct mutant at[] = {
		{ .id = (char *)"m", .devices = vgem, .caught_by = one },
		{ .id = (char *)"mm", .devices = vgem, .caught_by = two },
		{ .id = (char *)"other", .devices = virtio, .caught_by = two },
		{ .id = (char *)"builtin", .devices = vgem },
		{ .id = (char *)"new", .devices = vgem, .kernels = { .first = { 7, 3 } } },
	};
	const struct mutants mutants = { at, 5 };
	struct choice c = { .mutants = &mutants, .dir = "mutants", .version = { 7, 2 } };
	struct diag d;
	char **tests;

	for (size_t i = 0; i < 5; i++)
		at[i].module = (char *)(i == 3 ? "vmlinux" : "drm");
	tests = choice_tests(&c, &at[0]);
	assert_string_equal(tests[0], "a@*");
	assert_string_equal(tests[2], "b@y");
	assert_null(tests[3]);
	free(tests);
	assert_false(choice_has(&c, &at[3]));
	assert_false(choice_has(&c, &at[4]));

	c.whole = true; /* now there is one that names no test: all of them run */
	assert_true(choice_has(&c, &at[3]));
	tests = choice_tests(&c, &at[0]);
	assert_null(tests[0]);
	free(tests);

	c.only = "other,mm";
	assert_int_equal(choice_check(&c, "--only", &d), 0);
	assert_false(choice_has(&c, &at[0]));
	assert_true(choice_has(&c, &at[1]));
	c.only = "mmm";
	assert_int_equal(choice_check(&c, "--only", &d), -ENOENT);
	assert_int_equal(d.status, GEMRACE_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(bad),
		cmocka_unit_test(range),
		cmocka_unit_test(pattern),
		cmocka_unit_test(choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
