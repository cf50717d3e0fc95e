// SPDX-License-Identifier: MIT
#include "build/tool.h"

#include "exec/process.h"
#include "fetch/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct listener {
	FILE *log;
	char *said;
	bool is_error, goes_on; /* said ends in a colon: the next line belongs to it */
};

/* Joins @line to what was said so far. */
static void go_on(struct listener *l, const char *line)
{
	char *joined = text_printf("%s %s", l->said, line + strspn(line, " \t"));

	if (joined) {
		free(l->said);
		l->said = joined;
	}
	l->goes_on = false;
}

static void listen_line(void *data, const char *line)
{
	struct listener *l = data;
	bool is_error = strstr(line, "error") || strstr(line, "Error");

	if (l->log)
		fprintf(l->log, "%s\n", line);
	if (l->goes_on)
		go_on(l, line);
	if (l->is_error || !*line)
		return;
	free(l->said);
	l->said = strdup(line);
	l->is_error = is_error;
	if (l->said) {
		size_t n = strlen(l->said);

		while (n && l->said[n - 1] == ' ')
			l->said[--n] = '\0';
		l->goes_on = is_error && n && l->said[n - 1] == ':';
	}
}

int tool_run(const struct tool *tool, char **ret_said)
{
	struct listener l = { 0 };
	struct process p = {
		.argv = tool->argv,
		.stderr_path = "",
		.timeout_s = tool->timeout_s,
		.cancel_fd = tool->cancel_fd,
		.line = listen_line,
		.data = &l,
	};
	int status, err;

	if (tool->log) {
		l.log = fopen(tool->log, "we");
		if (!l.log)
			return -errno;
	}
	err = process_run(&p, &status);
	if (l.log && fclose(l.log) && !err)
		err = -errno;
	if (err) {
		free(l.said);
		return err;
	}
	*ret_said = l.said ? l.said : strdup("");
	return *ret_said ? status : -ENOMEM;
}
