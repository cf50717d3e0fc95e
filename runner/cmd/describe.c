// SPDX-License-Identifier: MIT
/* gemrace describe: what each test does, in the words of its own documentation block. */
#include "cmd/cmd.h"
#include "diag.h"
#include "exec/process.h"
#include "plan/places.h"
#include "plan/plan.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIBE_TIMEOUT_S 20

static bool is_planned(const struct plan *plan, const char *binary, const char *subtest)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_test *t = &plan->tests[i];

		if (!strcmp(t->binary, binary) && t->subtest && !strcmp(t->subtest, subtest))
			return true;
	}
	return false;
}

static void append_line(json_t *object, const char *line)
{
	const char *old = json_string_value(json_object_get(object, "description"));

	json_object_set_new(object, "description",
			    json_sprintf("%s%s%s", old ? old : "", old ? "\n" : "", line));
}

/*
 * IGT's --describe: the binary's text up to a blank line, then for each subtest a line
 * "SUB name file:line:" and its text, indented by two. Blank lines stay inside a text only.
 */
static json_t *parse(const char *binary, char *text, const struct plan *plan)
{
	json_t *subtests = json_array(), *subtest = NULL;
	json_t *object = json_pack("{s:s, s:o}", "binary", binary, "subtests", subtests);
	bool in_subtest = false, blank = false;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		json_t *target;
		char name[256];

		if (sscanf(line, "SUB %255s", name) == 1) {
			in_subtest = true;
			subtest = NULL;
			if (is_planned(plan, binary, name)) {
				subtest = json_pack("{s:s}", "name", name);
				json_array_append_new(subtests, subtest);
			}
			blank = false;
			continue;
		}
		target = in_subtest ? subtest : object;
		if (!*line) {
			blank = target && json_object_get(target, "description");
			continue;
		}
		if (target && blank)
			append_line(target, "");
		blank = false;
		if (target)
			append_line(target, line + (in_subtest ? strspn(line, " ") : 0));
	}
	return object;
}

static int ask(const char *dir, const char *binary, const struct plan *plan, json_t *list,
	       struct diag *d)
{
	char path[PATH_MAX], *text;
	const char *argv[] = { path, "--describe", NULL };
	int status, err;

	snprintf(path, sizeof(path), "%s/%s", dir, binary);
	err = process_capture(argv, DESCRIBE_TIMEOUT_S, -1, &text, &status);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s --describe: %s", path,
				strerror(-err));
	if (!status)
		json_array_append_new(list, parse(binary, text, plan));
	free(text);
	if (status)
		return diag_set(d, GEMRACE_HARNESS, EIO, "%s --describe: exit status %d", path,
				status);
	return 0;
}

static void print_text(const char *text, const char *indent)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		printf("%s%.*s\n", n ? indent : "", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_all(const json_t *list)
{
	const json_t *binary, *subtest;
	size_t i, j;

	json_array_foreach(list, i, binary)
	{
		printf("%s%s\n", i ? "\n" : "",
		       json_string_value(json_object_get(binary, "binary")));
		print_text(json_string_value(json_object_get(binary, "description")), "  ");
		json_array_foreach(json_object_get(binary, "subtests"), j, subtest)
		{
			printf("\n  %s\n", json_string_value(json_object_get(subtest, "name")));
			print_text(json_string_value(json_object_get(subtest, "description")),
				   "    ");
		}
	}
}

static int collect(const char *dir, const struct plan *plan, json_t *list, struct diag *d)
{
	const char *last = "";
	int err = 0;

	/* a plan keeps a binary's subtests together */
	for (size_t i = 0; i < plan->count && !err; i++) {
		const char *binary = plan->tests[i].binary;

		if (strcmp(binary, last))
			err = ask(dir, binary, plan, list, d);
		last = binary;
	}
	return err;
}

int cmd_describe(const struct options *options, struct diag *d)
{
	struct places places;
	struct plan plan;
	json_t *list;
	int err;

	err = places_find(options->tests, &places, d);
	if (err)
		return err;
	err = plan_build(places.tests, &options->include, &options->exclude, -1, &plan, d);
	if (err) {
		places_finish(&places);
		return err;
	}
	list = json_array();
	err = collect(places.tests, &plan, list, d);
	if (!err && options->json) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (!err) {
		print_all(list);
	}
	json_decref(list);
	plan_finish(&plan);
	places_finish(&places);
	return err ? err : GEMRACE_OK;
}
