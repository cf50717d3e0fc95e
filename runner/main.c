// SPDX-License-Identifier: MIT
/* The gemrace command: finds the command named first and hands it its options. */
#include "cmd/cmd.h"
#include "diag.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct command {
	const char *name;
	enum command_id id;
	command_run run;
	const char *summary;
};

static const struct command commands[] = {
	{ "list", COMMAND_LIST, cmd_list, "print the names of the tests" },
	{ "describe", COMMAND_DESCRIBE, cmd_describe, "say what each test does" },
	{ "run", COMMAND_RUN, cmd_run, "run the tests on this machine" },
	{ "vm", COMMAND_VM, cmd_vm, "run the tests in virtual machines" },
	{ "prove", COMMAND_PROVE, cmd_prove,
	  "put known kernel bugs back and see which tests notice" },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

/* Commands with words and options of their own, --help included. */
static const struct {
	const char *name;
	command_main main;
	const char *summary;
} families[] = {
	{ "kernel", cmd_kernel, "fetch packaged kernels, build instrumented ones" },
	{ "igt", cmd_igt, "fetch igt_runner, print where it is" },
};
#define FAMILY_COUNT (sizeof(families) / sizeof(*families))

static const char exit_status[] =
	"\n"
	"Exit status: 0 nothing new, 1 a kernel defect, 2 usage, 3 inconclusive, 4 the harness or\n"
	"the VM failed, or was interrupted.\n";

static void print_usage(FILE *f)
{
	fputs("Usage: gemrace COMMAND [OPTIONS]\n\n"
	      "Races the kernel's GEM, PRIME and fence lifetimes.\n\n",
	      f);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(f, "  %-12s %s\n", commands[i].name, commands[i].summary);
	for (size_t i = 0; i < FAMILY_COUNT; i++)
		fprintf(f, "  %-12s %s\n", families[i].name, families[i].summary);
	fputs("\n'gemrace help COMMAND' says more about one.\n", f);
	fputs(exit_status, f);
}

static void print_command(FILE *f, const struct command *c)
{
	fprintf(f, "Usage: gemrace %s [OPTIONS]\n\n%s\n\n", c->name, c->summary);
	options_print(f, c->id);
	fputs(exit_status, f);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int usage_error(const char *what, const char *arg)
{
	fprintf(stderr, "gemrace: %s%s%s (see 'gemrace help')\n", what, arg ? " " : "",
		arg ? arg : "");
	return GEMRACE_USAGE;
}

/* The exit status for what a command returned; says why it failed. */
static int finish(const char *name, int ret, const struct diag *d)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "gemrace %s: %s\n", name, d->text);
	return d->status;
}

/* Runs the command if @name is one with words of its own. */
static bool run_family(const char *name, int argc, char **argv, int *ret_status)
{
	struct diag d = { .status = GEMRACE_HARNESS, .text = "failed" };

	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		if (strcmp(families[i].name, name))
			continue;
		*ret_status = finish(name, families[i].main(argc, argv, &d), &d);
		return true;
	}
	return false;
}

static int help(const char *topic)
{
	const struct command *c = topic ? find(topic) : NULL;
	char option[] = "--help", *argv[] = { option, option, NULL };
	int status;

	if (topic && run_family(topic, 2, argv, &status))
		return status;
	if (topic && !c)
		return usage_error("no such command:", topic);
	if (c)
		print_command(stdout, c);
	else
		print_usage(stdout);
	return GEMRACE_OK;
}

/*
 * A descriptor that came closed would be given to the next file opened, and be written into. What
 * stands in refuses: who closed stdout wants no output, and is told so.
 */
static void open_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			_exit(GEMRACE_HARNESS);
	}
}

/* What could not be written was not reported: that is no success. */
static int check_output(int status)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !failed)
		return status;
	fprintf(stderr, "gemrace: stdout: %s\n", strerror(errno ? errno : EIO));
	return status == GEMRACE_DEFECT || status > GEMRACE_HARNESS ? status : GEMRACE_HARNESS;
}

static int run(const struct command *c, int argc, char **argv)
{
	struct options options;
	struct diag d = { .status = GEMRACE_HARNESS, .text = "failed" };
	int ret;

	ret = options_parse(c->id, argc, argv, &options, &d);
	if (!ret && options.help)
		print_command(stdout, c);
	else if (!ret)
		ret = c->run(&options, &d);
	options_finish(&options);

	return finish(c->name, ret, &d);
}

static int dispatch(int argc, char **argv)
{
	const struct command *c;
	int status;

	if (argc < 2)
		return usage_error("no command given", NULL);
	if (!strcmp(argv[1], "--version")) {
		printf("gemrace %s\n", GEMRACE_VERSION);
		return GEMRACE_OK;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(argc > 2 ? argv[2] : NULL);

	if (run_family(argv[1], argc - 1, argv + 1, &status))
		return status;
	c = find(argv[1]);
	if (!c)
		return usage_error("no such command:", argv[1]);
	return run(c, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	open_standard_files();
	return check_output(dispatch(argc, argv));
}
