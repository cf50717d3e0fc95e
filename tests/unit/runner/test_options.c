// SPDX-License-Identifier: MIT
#include "unit.h"

#include "diag.h"
#include "options.h"

#define ARGS(...)           ((char *const[]){ (char *)"vm", __VA_ARGS__, NULL })
#define COUNT(...)          ((int)(sizeof((char *const[]){ (char *)"vm", __VA_ARGS__ }) / sizeof(char *)))
#define PARSE(command, ...) options_parse(command, COUNT(__VA_ARGS__), ARGS(__VA_ARGS__), &o, &d)

static struct options o;
static struct diag d;

static int teardown(void **state)
{
	options_finish(&o);
	return 0;
}

static void defaults(void **state)
{
	assert_int_equal(options_parse(COMMAND_VM, 1, ARGS(NULL), &o, &d), 0);
	assert_string_equal(o.profile, "quick");
	assert_int_equal(o.cpus, 2);
	assert_int_equal(o.devices.count, 1);
	assert_string_equal(o.devices.at[0], "vgem");
	assert_null(o.devices.at[1]);
	assert_true(o.race_time_s < 0);
}

static void everything_at_once(void **state)
{
	assert_int_equal(PARSE(COMMAND_VM, (char *)"-t", (char *)"flink", (char *)"--test=export",
			       (char *)"-x", (char *)"soak$", (char *)"--devices",
			       (char *)"vgem,bochs", (char *)"--cpus=4", (char *)"--race-time",
			       (char *)"0.5", (char *)"--seed=0xff", (char *)"--json"),
			 0);
	assert_int_equal(o.include.count, 2);
	assert_string_equal(o.include.at[1], "export");
	assert_int_equal(o.exclude.count, 1);
	assert_int_equal(o.devices.count, 2);
	assert_string_equal(o.devices.at[1], "bochs");
	assert_int_equal(o.cpus, 4);
	assert_true(o.race_time_s == 0.5);
	assert_string_equal(o.seed, "0xff");
	assert_true(o.json);
}

static void bad_input_is_one_clear_line(void **state)
{
	static const struct {
		enum command_id command;
		const char *argument, *says;
	} cases[] = {
		{ COMMAND_VM, "--frobnicate", "unknown option '--frobnicate'" },
		{ COMMAND_VM, "-z", "unknown option '-z'" },
		{ COMMAND_VM, "--kernel", "option '--kernel' needs an argument" },
		{ COMMAND_VM, "--json=yes", "no argument allowed for option '--json=yes'" },
		{ COMMAND_VM, "--test=(", "--test '(': " },
		{ COMMAND_VM, "--cpus=0", "--cpus '0': expected a number from 1 to " },
		{ COMMAND_VM, "--cpus=2x", "--cpus '2x': expected a number" },
		{ COMMAND_VM, "--cpus=99999999999999999999", "expected a number" },
		{ COMMAND_VM, "--race-time=0", "--race-time '0': expected seconds" },
		{ COMMAND_VM, "--race-time=nan", "--race-time 'nan': expected seconds" },
		{ COMMAND_VM, "--seed=-1", "--seed '-1': expected a number" },
		{ COMMAND_VM, "--profile=fast", "--profile 'fast': expected quick" },
		{ COMMAND_VM, "--accel=magic", "--accel 'magic': expected " },
		{ COMMAND_VM, "--devices=,", "--devices ',': names no device" },
		{ COMMAND_VM, "--devices=vgem,auto", "auto stands alone" },
		{ COMMAND_VM, "--kernel=", "--kernel '': must not be empty" },
		{ COMMAND_VM, "--overwrite", "--overwrite needs --results" },
		{ COMMAND_VM, "flink", "unexpected argument 'flink'" },
		{ COMMAND_VM, "--exec=", "--exec '': must not be empty" },
		{ COMMAND_VM, "--exec=a\nb", "a newline cannot be handed" },
		{ COMMAND_VM, "--add=", "--add '': must not be empty" },
		{ COMMAND_VM, "--jobs=0", "--jobs '0': expected a number from 1" },
		{ COMMAND_RUN, "--kernel=debian:6.12", "unknown option '--kernel=debian:6.12'" },
		{ COMMAND_LIST, "--results=x", "unknown option '--results=x'" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(PARSE(cases[i].command, (char *)cases[i].argument) < 0);
		assert_int_equal(d.status, GEMRACE_USAGE);
		if (!strstr(d.text, cases[i].says))
			fail_msg("%s: said \"%s\"", cases[i].argument, d.text);
		assert_null(strchr(d.text, '\n'));
		options_finish(&o);
	}
}

static void a_command_takes_the_tests_place(void **state)
{
	static char *const argv[] = { (char *)"vm", (char *)"--add",  (char *)"x", (char *)"--",
				      (char *)"sh", (char *)"--json", NULL };

	assert_int_equal(options_parse(COMMAND_VM, 6, argv, &o, &d), 0);
	assert_string_equal(o.command[0], "sh");
	assert_string_equal(o.command[1], "--json");
	assert_null(o.command[2]);
	assert_string_equal(o.add.at[0], "x");
	assert_false(o.json);
	options_finish(&o);

	assert_int_equal(PARSE(COMMAND_VM, (char *)"--exec", (char *)"echo a b"), 0);
	assert_string_equal(o.command[1], "-c");
	assert_string_equal(o.command[2], "echo a b");
	assert_null(o.command[3]);
	options_finish(&o);

	assert_true(PARSE(COMMAND_VM, (char *)"--exec=true", (char *)"-t", (char *)"x") < 0);
	assert_string_equal(d.text, "a command runs instead of tests: no --test with it");
	options_finish(&o);
	assert_true(PARSE(COMMAND_VM, (char *)"--exec=true", (char *)"--", (char *)"true") < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	options_finish(&o);
	assert_true(PARSE(COMMAND_RUN, (char *)"--", (char *)"true") < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
}

static void help_shows_what_a_command_takes(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	options_print(f, COMMAND_RUN);
	fclose(f);
	assert_non_null(strstr(text, "-t, --test REGEX"));
	assert_non_null(strstr(text, "--igt-runner PATH"));
	assert_null(strstr(text, "--kernel"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(defaults, teardown),
		cmocka_unit_test_teardown(everything_at_once, teardown),
		cmocka_unit_test_teardown(bad_input_is_one_clear_line, teardown),
		cmocka_unit_test_teardown(a_command_takes_the_tests_place, teardown),
		cmocka_unit_test(help_shows_what_a_command_takes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
