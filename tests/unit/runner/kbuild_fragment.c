// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diag.h"
#include "kbuild/fragment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct kernel_version v6_12 = { 6, 12 }, v7_2 = { 7, 2 };

/* What fragment_write() makes of @text. */
static char *written(const char *text, struct kernel_version version)
{
	struct fragment f = { 0 };
	struct diag d;
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);

	assert_int_equal(fragment_add(&f, "t", text, version, &d), 0);
	fragment_write(&f, stream);
	fclose(stream);
	fragment_finish(&f);
	return out;
}

static void expect(const char *text, struct kernel_version version, const char *expected)
{
	char *out = written(text, version);

	assert_string_equal(out, expected);
	free(out);
}

static void expect_refused(const char *text, const char *why)
{
	struct fragment f = { 0 };
	struct diag d;

	assert_int_equal(fragment_add(&f, "t", text, v7_2, &d), -EINVAL);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_non_null(strstr(d.text, why));
	fragment_finish(&f);
}

static void lines_of_all_kinds(void **state)
{
	expect("# words\n\nCONFIG_A=y\nCONFIG_B=m\r\n# CONFIG_C is not set\nCONFIG_D=0x10\n"
	       "CONFIG_E=\"a # b \\\" c\"\t# words\nCONFIG_F=n\n# CONFIG_G was here "
	       "once\nCONFIG_H=-1",
	       v7_2,
	       "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=0x10\n"
	       "CONFIG_E=\"a # b \\\" c\"\n# CONFIG_F is not set\nCONFIG_H=-1\n");
}

static void conditions_name_the_kernels_a_line_is_for(void **state)
{
	static const char text[] = "CONFIG_A=y # since 6.12\n"
				   "CONFIG_B=y # since 6.13: words\n"
				   "CONFIG_C=y # until 6.12\n"
				   "CONFIG_D=y # until 6.11, words\n"
				   "CONFIG_E=y\t#  since 6.1 until 7.1\n"
				   "CONFIG_F=y # long since gone until then\n"
				   "# CONFIG_G is not set # since 7.2\n";

	expect(text, v6_12, "CONFIG_A=y\nCONFIG_C=y\nCONFIG_E=y\nCONFIG_F=y\n");
	expect(text, v7_2, "CONFIG_A=y\nCONFIG_B=y\nCONFIG_F=y\n# CONFIG_G is not set\n");
}

static void versions_are_numbers(void **state)
{
	static const struct kernel_version v6_2 = { 6, 2 };

	expect("CONFIG_A=y # since 6.12\n", v6_2, "");
	expect("CONFIG_A=y # until 6.2\n", v6_12, "");
}

static void the_last_line_wins(void **state)
{
	expect("CONFIG_A=y\nCONFIG_B=y\n# CONFIG_A is not set\n", v7_2,
	       "# CONFIG_A is not set\nCONFIG_B=y\n");
	expect("CONFIG_A=y\nCONFIG_A=m # until 7.1\n", v7_2, "CONFIG_A=y\n");
}

static void bad_lines_are_refused_by_number(void **state)
{
	expect_refused("CONFIG_A=y\nCONFIG_B\n", "t:2: ");
	expect_refused("CONFIG_A=\n", "t:1: ");
	expect_refused("CONFIG_A = y\n", "t:1: ");
	expect_refused("CONFIG_A=\"open\n", "t:1: ");
	expect_refused("KASAN=y\n", "t:1: ");
	expect_refused("CONFIG_A=y since 6.12\n", "since VERSION");
	expect_refused("CONFIG_A=y # since forever\n", "since VERSION");
	expect_refused("CONFIG_A=y # until 6\n", "since VERSION");
}

struct seen {
	char text[256];
};

static void see(void *data, const struct kconfig_wish *wish, const char *got)
{
	struct seen *seen = data;
	size_t n = strlen(seen->text);

	snprintf(seen->text + n, sizeof(seen->text) - n, "%s %s=%s %s;", wish->origin, wish->option,
		 wish->value, got);
}

static size_t check(const char *wishes, const char *dotconfig, struct seen *seen)
{
	struct fragment f = { 0 };
	struct diag d;
	size_t n;

	*seen = (struct seen){ 0 };
	assert_int_equal(fragment_add(&f, "t", wishes, v7_2, &d), 0);
	n = fragment_check(&f, dotconfig, see, seen);
	fragment_finish(&f);
	return n;
}

static void what_was_dropped_is_named(void **state)
{
	static const char dotconfig[] = "#\n# Automatically generated\n#\nCONFIG_A=y\nCONFIG_AB=m\n"
					"# CONFIG_C is not set\nCONFIG_D=\"x\"\nCONFIG_E=16";
	struct seen seen;

	assert_int_equal(check("CONFIG_A=y\nCONFIG_AB=m\n# CONFIG_C is not set\nCONFIG_D=\"x\"\n"
			       "CONFIG_E=16\n# CONFIG_NONE is not set\n",
			       dotconfig, &seen),
			 0);
	assert_string_equal(seen.text, "");

	assert_int_equal(check("CONFIG_C=y\nCONFIG_NONE=m\nCONFIG_AB=y\n# CONFIG_A is not set\n"
			       "CONFIG_E=1\n",
			       dotconfig, &seen),
			 5);
	assert_string_equal(seen.text, "t:1 CONFIG_C=y n;t:2 CONFIG_NONE=m n;t:3 CONFIG_AB=y m;"
				       "t:4 CONFIG_A=n y;t:5 CONFIG_E=1 16;");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_all_kinds),
		cmocka_unit_test(conditions_name_the_kernels_a_line_is_for),
		cmocka_unit_test(versions_are_numbers),
		cmocka_unit_test(the_last_line_wins),
		cmocka_unit_test(bad_lines_are_refused_by_number),
		cmocka_unit_test(what_was_dropped_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
