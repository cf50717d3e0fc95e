// SPDX-License-Identifier: MIT
#include "results/merge.h"

#include "plan/plan.h"
#include "results/document.h"
#include "results/name.h"
#include "results/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static json_t *time_attribute(double start, double end)
{
	return json_pack("{s:s, s:f, s:f}", "__type__", "TimeAttribute", "start", start, "end",
			 end);
}

static double time_of(const json_t *holder, const char *key, const char *member)
{
	return json_number_value(json_object_get(json_object_get(holder, key), member));
}

/* Each VM's igt_runner may abort, under the same name: each abort is to be seen. */
static const char *name_in_run(const char *name, int vm, char *buf, size_t size)
{
	if (vm <= 1 || strcmp(name, "igt@runner@aborted"))
		return name;
	snprintf(buf, size, "%s-vm-%d", name, vm);
	return buf;
}

static void merge_tests(json_t *into, const json_t *from, int vm)
{
	const char *own_name;
	json_t *test;

	json_object_foreach(results_tests(from), own_name, test)
	{
		char buf[PLAN_NAME_MAX];
		const char *name = name_in_run(own_name, vm, buf, sizeof(buf));
		const json_t *known = json_object_get(results_tests(into), name);
		json_t *copy;

		if (known && verdict_of(known) != VERDICT_NOTRUN)
			continue;
		copy = json_deep_copy(test);
		if (vm && verdict_of(copy) != VERDICT_NOTRUN)
			json_object_set_new(copy, "vm", json_integer(vm));
		json_object_set_new(results_tests(into), name, copy);
	}
}

static void merge_runtimes(json_t *into, const json_t *from, bool resumed)
{
	json_t *sums = json_object_get(into, "runtimes");
	const char *binary;
	json_t *runtime;

	json_object_foreach(json_object_get(from, "runtimes"), binary, runtime)
	{
		double seconds = time_of(runtime, "time", "end");
		double known = time_of(json_object_get(sums, binary), "time", "end");

		seconds = resumed ? larger(known, seconds) : known + seconds;
		json_object_set_new(sums, binary,
				    json_pack("{s:o}", "time", time_attribute(0, seconds)));
	}
}

static void merge_elapsed(json_t *into, const json_t *from)
{
	double start = time_of(from, "time_elapsed", "start");
	double end = time_of(from, "time_elapsed", "end");

	if (json_object_get(into, "time_elapsed")) {
		start = smaller(start, time_of(into, "time_elapsed", "start"));
		end = larger(end, time_of(into, "time_elapsed", "end"));
	}
	json_object_set_new(into, "time_elapsed", time_attribute(start, end));
}

void results_merge(json_t *into, const json_t *from, int vm, bool resumed)
{
	static const char *const headers[] = { "uname", "cmdline" };

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		if (!json_object_get(into, headers[i]))
			json_object_set(into, headers[i], json_object_get(from, headers[i]));
	}
	merge_tests(into, from, vm);
	merge_runtimes(into, from, resumed);
	if (json_object_get(from, "time_elapsed"))
		merge_elapsed(into, from);
}

/*
 * A console may hold anything, jansson takes UTF-8 only: ASCII loses the odd letter, not the line.
 */
static json_t *ascii(const char *before, const char *text)
{
	json_t *string;
	char *both;

	if (asprintf(&both, "%s%s", before ? before : "", text) < 0)
		return NULL;
	for (char *p = both; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	string = json_string(both);
	free(both);
	return string;
}

static void annotate(json_t *test, const char *word, const char *reason, const char *splat, int vm)
{
	if (word)
		json_object_set_new(test, "result", json_string(word));
	if (reason)
		json_object_set_new(test, "reason", json_string(reason));
	if (vm)
		json_object_set_new(test, "vm", json_integer(vm));
	if (!splat)
		return;
	json_object_set_new(test, "splat", ascii(NULL, splat));
	json_object_set_new(test, "dmesg",
			    ascii(json_string_value(json_object_get(test, "dmesg")), splat));
}

void results_annotate(json_t *root, const char *name, const char *word, const char *reason,
		      const char *splat, int vm)
{
	json_t *test = json_object_get(results_tests(root), name);
	const char *other;

	if (!test) {
		test = json_pack("{s:s, s:s, s:s, s:s, s:o}", "result", "incomplete", "out", "",
				 "err", "", "dmesg", "", "time", time_attribute(0, 0));
		json_object_set_new(results_tests(root), name, test);
	}
	annotate(test, word, reason, splat, vm);
	json_object_foreach(results_tests(root), other, test)
	{
		if (test_is_dynamic_of(other, name) && verdict_of(test) == VERDICT_INCOMPLETE)
			annotate(test, word, reason, splat, vm);
	}
}

void results_cut_off(json_t *root, const char *name)
{
	const char *other;
	json_t *test;

	json_object_foreach(results_tests(root), other, test)
	{
		if (!strcmp(other, name) ||
		    (test_is_dynamic_of(other, name) && verdict_of(test) == VERDICT_INCOMPLETE))
			json_object_set_new(test, "cut_off", json_true());
	}
}

bool results_has_run(const json_t *root, const char *name)
{
	const char *other;
	json_t *test;

	test = json_object_get(results_tests(root), name);
	if (test)
		return verdict_of(test) != VERDICT_NOTRUN;
	json_object_foreach(results_tests(root), other, test)
	{
		if (test_is_dynamic_of(other, name) && verdict_of(test) != VERDICT_NOTRUN)
			return true;
	}
	return false;
}

int results_add_missing(json_t *root, const struct plan *plan)
{
	char name[PLAN_NAME_MAX];
	int missing = 0;

	for (size_t i = 0; i < plan->count; i++) {
		plan_name(&plan->tests[i], name);
		if (results_has_run(root, name))
			continue;
		missing++;
		if (!json_object_get(results_tests(root), name))
			results_annotate(root, name, "notrun", NULL, NULL, 0);
	}
	return missing;
}

static void count(json_t *totals, const char *key, const char *word)
{
	json_t *total = json_object_get(totals, key);

	if (!total) {
		total = json_object();
		for (int v = 0; v < VERDICT_COUNT; v++)
			json_object_set_new(total, verdict_word(v), json_integer(0));
		json_object_set_new(totals, key, total);
	}
	json_object_set_new(total, word,
			    json_integer(json_integer_value(json_object_get(total, word)) + 1));
}

/* As igt_runner does, or for people: subtests only, and what is known apart from the rest. */
static json_t *count_all(const json_t *root, bool for_people)
{
	json_t *totals = json_object(), *test;
	const char *name;

	json_object_foreach(results_tests(root), name, test)
	{
		const char *word = verdict_word(verdict_of(test));
		const char *at = strncmp(name, "igt@", 4) ? NULL : strchr(name + 4, '@');
		char binary[PLAN_NAME_MAX];

		if (for_people && test_is_dynamic(name))
			continue;
		if (for_people && test_known(test))
			word = RESULTS_KNOWN;
		snprintf(binary, sizeof(binary), "%.*s", at ? (int)(at - name) : (int)strlen(name),
			 name);
		count(totals, "", word);
		count(totals, "root", word);
		count(totals, binary, word);
	}
	return totals;
}

void results_total(json_t *root)
{
	json_object_set_new(root, "totals", count_all(root, false));
}

json_t *results_count_subtests(const json_t *root)
{
	return count_all(root, true);
}
