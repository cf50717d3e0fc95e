// SPDX-License-Identifier: MIT
#include "report/summary.h"

#include "plan/plan.h"
#include "report/skips.h"
#include "report/style.h"
#include "results/document.h"
#include "results/merge.h"
#include "results/name.h"
#include "results/reason.h"
#include "results/verdict.h"

#include <stdlib.h>
#include <string.h>

#define INDENT 12 /* of what stands beside a label */

static const char *const outcomes[] = {
	[GEMRACE_OK] = "nothing new",
	[GEMRACE_DEFECT] = "the kernel misbehaved",
	[GEMRACE_USAGE] = "usage",
	[GEMRACE_INCONCLUSIVE] = "inconclusive",
	[GEMRACE_HARNESS] = "the harness failed",
};

/* The columns are igt_runner's results, and then what is known. */
#define COLUMNS (VERDICT_COUNT + 1)

static const char *column_word(int column)
{
	return column < VERDICT_COUNT ? verdict_word(column) : RESULTS_KNOWN;
}

static const char *column_style(int column, bool colour)
{
	return style_of(column < VERDICT_COUNT ? column : VERDICT_WARN, colour);
}

static int count_of(const json_t *total, int column)
{
	return json_integer_value(json_object_get(total, column_word(column)));
}

static bool is_binary(const char *key)
{
	return test_short_name(key) != key;
}

static void print_row(FILE *f, const char *name, int width, const json_t *total,
		      const json_t *overall, double seconds, bool colour)
{
	fprintf(f, "%-*s", width, name);
	for (int c = 0; c < COLUMNS; c++) {
		int cell = strlen(column_word(c)) + 2, n = count_of(total, c);

		if (!count_of(overall, c))
			continue;
		if (n)
			fprintf(f, "%s%*d%s", column_style(c, colour), cell, n, style_end(colour));
		else
			fprintf(f, "%*s", cell, ".");
	}
	fprintf(f, "%8.1f s\n", seconds);
}

static void print_table(FILE *f, const json_t *root, json_t *totals, bool colour)
{
	json_t *total, *runtime;
	const json_t *overall = json_object_get(totals, "root");
	double sum = 0;
	const char *key;
	int width = 12;

	json_object_foreach(totals, key, total)
	{
		if (is_binary(key) && (int)strlen(test_short_name(key)) > width)
			width = strlen(test_short_name(key));
	}
	fprintf(f, "\n%*s", width, "");
	for (int c = 0; c < COLUMNS; c++) {
		if (count_of(overall, c))
			fprintf(f, "  %s", column_word(c));
	}
	fprintf(f, "%10s\n", "time");
	json_object_foreach(totals, key, total)
	{
		double seconds;

		if (!is_binary(key))
			continue;
		runtime = json_object_get(json_object_get(root, "runtimes"), key);
		seconds = results_seconds(runtime);
		sum += seconds;
		print_row(f, test_short_name(key), width, total, overall, seconds, colour);
	}
	print_row(f, "in all", width, overall, overall, sum, colour);
}

/* The first lines of the splat, where the kernel said one: enough to know the bug by. */
static void print_splat(FILE *f, const char *splat)
{
	const char *line = splat;

	for (int i = 0; i < 6 && *line; i++) {
		size_t n = strcspn(line, "\n");

		fprintf(f, "%*s| %.*s\n", INDENT, "", (int)n, line);
		line += n + (line[n] == '\n');
	}
	if (*line)
		fprintf(f, "%*s| ...\n", INDENT, "");
}

static void print_test(FILE *f, const char *name, const json_t *test, const char *reason,
		       bool many_vms, bool colour)
{
	const char *splat = json_string_value(json_object_get(test, "splat"));
	json_int_t vm = json_integer_value(json_object_get(test, "vm"));
	const char *known = test_known(test);
	enum verdict v = verdict_of(test);

	fprintf(f, "%s%-*s%s%s", column_style(known ? VERDICT_COUNT : v, colour), INDENT,
		known ? RESULTS_KNOWN : verdict_word(v), style_end(colour), test_short_name(name));
	if (vm && many_vms)
		fprintf(f, "  (VM %lld)", (long long)vm);
	fputc('\n', f);
	if (known)
		fprintf(f, "%*s%s, here as %s\n", INDENT, "", known, verdict_word(v));
	if (reason)
		fprintf(f, "%*s%s\n", INDENT, "", reason);
	if (splat)
		print_splat(f, splat);
}

/* The subtests of which a dynamic one ended so: a set of "NAME RESULT". */
static json_t *parents_of(const json_t *root)
{
	json_t *parents = json_object(), *test;
	const char *name;

	json_object_foreach(results_tests(root), name, test)
	{
		char key[PLAN_NAME_MAX + 32];

		if (!test_is_dynamic(name))
			continue;
		snprintf(key, sizeof(key), "%.*s %s", (int)(strrchr(name, '@') - name), name,
			 verdict_word(verdict_of(test)));
		json_object_set_new(parents, key, json_true());
	}
	return parents;
}

/*
 * What is told of one by one: the reason, by name, of each test that is not a pass; null where
 * nothing says why. A subtest that went the way of one of its dynamic subtests is not among them:
 * that one says more.
 */
static json_t *told_of(const json_t *root)
{
	json_t *told = json_object(), *parents = parents_of(root), *test;
	const char *name;

	json_object_foreach(results_tests(root), name, test)
	{
		enum verdict v = verdict_of(test);
		char key[PLAN_NAME_MAX + 32], buf[REASON_MAX];
		const char *reason;

		snprintf(key, sizeof(key), "%s %s", name, verdict_word(v));
		if (v == VERDICT_PASS || json_object_get(parents, key))
			continue;
		reason = reason_of(test, buf);
		json_object_set_new(told, name, reason ? results_string(reason) : json_null());
	}
	json_decref(parents);
	return told;
}

static json_t *skips_of(const json_t *root, json_t *told)
{
	json_t *skips = skips_new(), *reason;
	const char *name;

	json_object_foreach(told, name, reason)
	{
		if (verdict_of(json_object_get(results_tests(root), name)) == VERDICT_SKIP &&
		    json_is_string(reason))
			skips_add(skips, test_short_name(name), json_string_value(reason));
	}
	return skips;
}

/* Known or not, worst first: the order of enum verdict, backwards. */
static void print_worst(FILE *f, const json_t *root, json_t *told, const json_t *skips, bool known,
			bool colour)
{
	const json_t *vms = json_object_get(json_object_get(root, "gemrace"), "vms");
	bool first = true;
	const char *name;
	json_t *value;

	for (int v = VERDICT_COUNT - 1; v > VERDICT_PASS; v--) {
		json_object_foreach(told, name, value)
		{
			const json_t *test = json_object_get(results_tests(root), name);
			const char *reason = json_string_value(value);

			if ((int)verdict_of(test) != v || !test_known(test) == known ||
			    (v == VERDICT_SKIP && reason && skips_shared(skips, reason)))
				continue;
			if (first)
				fputc('\n', f);
			first = false;
			print_test(f, name, test, reason, json_array_size(vms) > 1, colour);
		}
	}
}

/* What the ids above stand for, and which of the known defects did not show. */
static void print_known(FILE *f, const json_t *known)
{
	json_t *defect;
	size_t i;

	if (json_array_size(known))
		fputc('\n', f);
	json_array_foreach(known, i, defect)
	{
		const char *id = json_string_value(json_object_get(defect, "id"));
		const char *title = json_string_value(json_object_get(defect, "title"));
		const char *doc = json_string_value(json_object_get(defect, "doc"));
		json_int_t ran = json_integer_value(json_object_get(defect, "ran"));

		if (json_integer_value(json_object_get(defect, "shown")))
			fprintf(f, "%s: %s%s%s%s\n", id, title, doc ? " (" : "", doc ? doc : "",
				doc ? ")" : "");
		else
			fprintf(f,
				"known defect %s no longer shows: %lld of its subtests ran (%s)\n",
				id, (long long)ran, title);
	}
}

static void print_line(FILE *f, const char *label, const char *text)
{
	if (text && *text)
		fprintf(f, "%-*s%s\n", INDENT, label, text);
}

/* The strings of an array in one line; the caller frees. */
static char *join(const json_t *array)
{
	size_t size, i;
	char *text = NULL;
	json_t *item;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	json_array_foreach(array, i, item)
		fprintf(f, "%s%s", i ? ", " : "", json_string_value(item));
	fclose(f);
	return text;
}

static void print_joined(FILE *f, const char *label, const json_t *array, const char *none)
{
	char *text = join(array);

	print_line(f, label, text && *text ? text : none);
	free(text);
}

/* A destructive test that did no harm: dozens of these are not worth a line each. */
static bool is_uneventful(const json_t *vm)
{
	const char *end = json_string_value(json_object_get(vm, "end"));

	return json_object_get(vm, "alone") && end && !strcmp(end, "ok");
}

static void print_vms(FILE *f, const json_t *vms)
{
	int uneventful = 0;
	json_t *vm;
	size_t i;

	if (json_array_size(vms) < 2)
		return;
	json_array_foreach(vms, i, vm)
	{
		json_int_t number = json_integer_value(json_object_get(vm, "vm"));
		char label[32];

		if (is_uneventful(vm)) {
			uneventful++;
			continue;
		}
		snprintf(label, sizeof(label), "VM %d", (int)number);
		print_line(f, label, json_string_value(json_object_get(vm, "story")));
	}
	if (uneventful)
		fprintf(f,
			"%-*s%d destructive tests, each in a VM of its own that ended in order\n",
			INDENT, "VMs", uneventful);
}

static void print_circumstances(FILE *f, const json_t *info)
{
	const json_t *times = json_object_get(info, "times");
	const json_t *first = json_object_get(times, "first_subtest_s");

	fputc('\n', f);
	print_line(f, "kernel", json_string_value(json_object_get(info, "kernel")));
	print_line(f, "machine", json_string_value(json_object_get(info, "machine")));
	print_joined(f, "devices", json_object_get(info, "devices"), NULL);
	if (json_object_get(info, "detectors"))
		print_joined(f, "detectors", json_object_get(info, "detectors"),
			     "none: a pass is weak evidence");
	print_vms(f, json_object_get(info, "vms"));
	if (first)
		fprintf(f, "%-*sfirst subtest after %.1f s, %.1f s in all\n", INDENT, "time",
			json_number_value(first),
			json_number_value(json_object_get(times, "total_s")));
	print_line(f, "results", json_string_value(json_object_get(info, "results")));
}

static void print_outcome(FILE *f, const json_t *root, const json_t *overall, bool colour)
{
	const json_t *info = json_object_get(root, "gemrace");
	const char *error = json_string_value(json_object_get(info, "harness_error"));
	enum gemrace_exit status = verdict_of_run(root);
	const char *separator = ": ";
	enum verdict look;

	look = status == GEMRACE_OK             ? VERDICT_PASS
	       : status == GEMRACE_INCONCLUSIVE ? VERDICT_SKIP
						: VERDICT_FAIL;
	/* what went wrong with the harness is the outcome, unless a defect is */
	fprintf(f, "\n%s%s%s", style_of(look, colour),
		error && status == GEMRACE_HARNESS ? error : outcomes[status], style_end(colour));
	for (int c = 0; c < COLUMNS; c++) {
		if (!count_of(overall, c))
			continue;
		fprintf(f, "%s%d %s", separator, count_of(overall, c), column_word(c));
		separator = ", ";
	}
	fputc('\n', f);
	if (error && status != GEMRACE_HARNESS)
		fprintf(f, "%s\n", error);
}

void report_summary(FILE *f, const json_t *root)
{
	json_t *totals = results_count_subtests(root), *told = told_of(root);
	json_t *skips = skips_of(root, told);
	bool colour = style_is_terminal(f);

	print_table(f, root, totals, colour);
	print_worst(f, root, told, skips, false, colour);
	skips_print(f, skips, INDENT, colour);
	print_worst(f, root, told, skips, true, colour);
	print_known(f, json_object_get(json_object_get(root, "gemrace"), "known"));
	print_circumstances(f, json_object_get(root, "gemrace"));
	print_outcome(f, root, json_object_get(totals, "root"), colour);
	json_decref(skips);
	json_decref(told);
	json_decref(totals);
}
