// SPDX-License-Identifier: MIT
#include "kbuild/toolchain.h"

#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_S 20

/* A question that exits with 0 where the tool is there, and Debian's name for its package. */
struct tool {
	const char *name, *package;
	const char *argv[8];
};

static const struct tool tools[] = {
	{ "make", "make", { "make", "--version" } },
	{ "gcc", "gcc", { "gcc", "--version" } },
	{ "ld", "binutils", { "ld", "--version" } },
	{ "bc", "bc", { "bc", "--version" } },
	{ "flex", "flex", { "flex", "--version" } },
	{ "bison", "bison", { "bison", "--version" } },
	{ "depmod", "kmod", { "sh", "-c", "PATH=$PATH:/sbin:/usr/sbin depmod --version" } },
	/* objtool reads object files with it. */
	{ "libelf",
	  "libelf-dev",
	  { "gcc", "-fsyntax-only", "-include", "gelf.h", "-x", "c", "/dev/null" } },
};

static bool has(const struct tool *tool)
{
	_cleanup_free_ char *text = NULL;
	int status;

	return !process_capture(tool->argv, ANSWER_S, -1, &text, &status) && !status;
}

/* The first line of what `@program --version` says. */
static char *version(const char *program)
{
	const char *argv[] = { program, "--version", NULL };
	char *text = NULL;
	int status;

	if (process_capture(argv, ANSWER_S, -1, &text, &status))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

int toolchain_check(char **ret_version, struct diag *d)
{
	_cleanup_free_ char *cc = NULL, *ld = NULL;
	char names[256] = "", packages[256] = "";
	int missing = 0;

	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		const char *comma = missing ? ", " : "";

		if (has(&tools[i]))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", comma,
			 tools[i].name);
		snprintf(packages + strlen(packages), sizeof(packages) - strlen(packages), " %s",
			 tools[i].package);
		missing++;
	}
	if (missing)
		return diag_set(d, GEMRACE_USAGE, ENOENT,
				"building a kernel needs %s (Debian:%s), not found", names,
				packages);
	cc = version("gcc");
	ld = version("ld");
	*ret_version = cc && ld ? text_printf("%s\n%s\n", cc, ld) : NULL;
	return *ret_version ? 0 : diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}
