// SPDX-License-Identifier: MIT
/* Command lines, good and bad, and --hook's own little language. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "igt/hook_command.h"
#include "igt/options.h"

static char error[256];

/* Parse a NULL-terminated list of words. */
static int parse(struct igt_options *options, ...)
{
	char *argv[32] = { (char *)"test" };
	int argc = 1;
	va_list args;

	va_start(args, options);
	while (argc < 31 && (argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	memset(options, 0xff, sizeof(*options));
	error[0] = '\0';
	return igt_options_parse(options, argc, argv, error, sizeof(error));
}

static void good(void **state)
{
	struct igt_options o;

	assert_int_equal(parse(&o, NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_RUN);
	assert_null(o.subtests);
	assert_null(o.debug_domain);
	assert_false(o.no_fork);

	assert_int_equal(parse(&o, "--list-subtests", NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_LIST);
	assert_int_equal(parse(&o, "--run-subtest", "a,!b", "--dynamic-subtest=c", NULL), 0);
	assert_string_equal(o.subtests, "a,!b");
	assert_string_equal(o.dynamic, "c");
	assert_int_equal(parse(&o, "--describe", NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_DESCRIBE);
	assert_null(o.subtests);
	assert_int_equal(parse(&o, "--describe=x*", NULL), 0);
	assert_string_equal(o.subtests, "x*");
	assert_int_equal(parse(&o, "--show-testlist", NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_TESTLIST);
	assert_int_equal(parse(&o, "--device", "drm:/dev/dri/card0", "--debug", NULL), 0);
	assert_string_equal(o.device, "drm:/dev/dri/card0");
	assert_string_equal(o.debug_domain, "");
	assert_int_equal(parse(&o, "--debug=gem", "--interactive-debug", NULL), 0);
	assert_string_equal(o.debug_domain, "gem");
	assert_string_equal(o.interactive_debug, "all");
	assert_int_equal(parse(&o, "--skip-crc-compare", "--trace-on-oops", "--no-fork", NULL), 0);
	assert_true(o.skip_crc_compare && o.trace_on_oops && o.no_fork);
	assert_int_equal(parse(&o, "--hook", "true", "--hook", "pre-test:date", NULL), 0);
	assert_int_equal(o.hooks_count, 2);
	assert_int_equal(parse(&o, "--version", NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_VERSION);
	assert_int_equal(parse(&o, "-h", NULL), 0);
	assert_int_equal(o.mode, IGT_MODE_HELP);
	assert_non_null(strstr(o.help, "--run-subtest"));
	assert_int_equal(parse(&o, "--help-hook", NULL), 0);
	assert_non_null(strstr(o.help, "IGT_HOOK_EVENT"));
	assert_int_equal(parse(&o, "--help-description", NULL), 0);
	assert_true(o.help_description);
}

static void bad(void **state)
{
	struct igt_options o;

	assert_int_equal(parse(&o, "--no-such", NULL), -EINVAL);
	assert_string_equal(error, "Unknown option: --no-such");
	assert_int_equal(parse(&o, "-x", NULL), -EINVAL);
	assert_string_equal(error, "Unknown option: -x");
	assert_int_equal(parse(&o, "-hx", NULL), -EINVAL);
	assert_int_equal(parse(&o, "--run-subtest", NULL), -EINVAL);
	assert_string_equal(error, "Option needs an argument: --run-subtest");
	assert_int_equal(parse(&o, "--list-subtests=x", NULL), -EINVAL);
	assert_int_equal(parse(&o, "--list-subtests", "word", NULL), -EINVAL);
	assert_string_equal(error, "Unexpected argument: word");
	assert_int_equal(parse(&o, "--", "word", NULL), -EINVAL);
	assert_int_equal(parse(&o, "", NULL), -EINVAL);
	assert_int_equal(parse(&o, "--hook", "some-event:true", NULL), -EINVAL);
	assert_string_equal(error, "Unknown hook event: some-event");
}

/* Too many hooks is an error, not a crash. */
static void many_hooks(void **state)
{
	char *argv[2 * (IGT_HOOKS_MAX + 1) + 1];
	struct igt_options o;
	int argc = 0;

	argv[argc++] = (char *)"test";
	for (int i = 0; i <= IGT_HOOKS_MAX; i++) {
		argv[argc++] = (char *)"--hook";
		argv[argc++] = (char *)"true";
	}
	assert_int_equal(igt_options_parse(&o, argc, argv, error, sizeof(error)), -EINVAL);
	assert_int_equal(igt_options_parse(&o, argc - 2, argv, error, sizeof(error)), 0);
	assert_int_equal(o.hooks_count, IGT_HOOKS_MAX);
}

static void hooks(void **state)
{
	static const struct {
		const char *hook;
		int ret;
	} cases[] = {
		{ "date", 0 },
		{ "*:date", 0 },
		{ "pre-test:date", 0 },
		{ "pre-subtest,post-subtest:echo a:b", 0 },
		{ "pre-dyn-subtest,post-dyn-subtest,post-test:x", 0 },
		{ ":date", -EINVAL },
		{ ",:date", -EINVAL },
		{ "pre-test,:date", -EINVAL },
		{ "pre:date", -EINVAL },
		{ "pre-tests:date", -EINVAL },
		{ "echo a:b", -EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (igt_hook_check(cases[i].hook, error, sizeof(error)) != cases[i].ret)
			fail_msg("%s: not %d", cases[i].hook, cases[i].ret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(many_hooks),
		cmocka_unit_test(hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
