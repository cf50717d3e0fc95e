// SPDX-License-Identifier: MIT
/* The gemrace command: finds the command named first and hands it its options. */
#include "cmd/cmd.h"
#include "diag.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	enum command_id id;
	command_run run;
	const char *summary;
};

static const struct command commands[] = {
	{ "list", COMMAND_LIST, cmd_list, "print the names of the tests" },
	{ "run", COMMAND_RUN, cmd_run, "run the tests on this machine" },
	{ "vm", COMMAND_VM, cmd_vm, "run the tests in virtual machines" },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

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

static int help(const char *topic)
{
	const struct command *c = topic ? find(topic) : NULL;

	if (topic && !c)
		return usage_error("no such command:", topic);
	if (c)
		print_command(stdout, c);
	else
		print_usage(stdout);
	return GEMRACE_OK;
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

	if (ret < 0) {
		fprintf(stderr, "gemrace %s: %s\n", c->name, d.text);
		return d.status;
	}
	return ret;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return usage_error("no command given", NULL);
	if (!strcmp(argv[1], "--version")) {
		printf("gemrace %s\n", GEMRACE_VERSION);
		return GEMRACE_OK;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(argc > 2 ? argv[2] : NULL);

	c = find(argv[1]);
	if (!c)
		return usage_error("no such command:", argv[1]);
	return run(c, argc - 1, argv + 1);
}
