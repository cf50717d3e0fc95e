// SPDX-License-Identifier: MIT
/* gemrace kernel: what there is to do with kernels. */
#include "cmd/cmd.h"
#include "diag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	command_main main;
	const char *usage, *summary;
} words[] = {
	{ "fetch", cmd_kernel_fetch, "[K]", "find or fetch a kernel, print where it is" },
	{ "build", cmd_kernel_build, "SOURCE [OPTIONS]", "build an instrumented kernel" },
};
#define WORD_COUNT (sizeof(words) / sizeof(*words))

static int usage(void)
{
	puts("Usage: gemrace kernel WORD ...\n");
	for (size_t i = 0; i < WORD_COUNT; i++)
		printf("  %s %-24s %s\n", words[i].name, words[i].usage, words[i].summary);
	puts("\n'gemrace kernel WORD --help' says more about one.");
	return GEMRACE_OK;
}

int cmd_kernel(int argc, char **argv, struct diag *d)
{
	if (argc < 2)
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"what to do? (see 'gemrace kernel --help')");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage();
	for (size_t i = 0; i < WORD_COUNT; i++) {
		if (!strcmp(argv[1], words[i].name))
			return words[i].main(argc - 1, argv + 1, d);
	}
	return diag_set(d, GEMRACE_USAGE, EINVAL, "'%s' unknown (see 'gemrace kernel --help')",
			argv[1]);
}
