// SPDX-License-Identifier: MIT
#include "prove/report.h"

#include "diag.h"
#include "fetch/file.h"
#include "prove/times.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

static double number_of(const json_t *record, const char *key)
{
	return json_number_value(json_object_get(record, key));
}

static bool is_killed(const json_t *record)
{
	return json_is_true(json_object_get(record, "killed"));
}

/* A kernel with a repair is no bug: it must pass. */
static bool is_repair(const json_t *mutant)
{
	return !strcmp(text_of(mutant, "kind"), "repair");
}

static const char *boots_word(double count)
{
	return count == 1 ? "boot" : "boots";
}

/* Text that is safe in a cell. */
static void put_cell(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (strchr("|<>*_`\\", *text))
			fputc('\\', f);
		fputc(*text == '\n' ? ' ' : *text, f);
	}
}

static void put_seconds(FILE *f, double s)
{
	char text[32];

	times_text(text, sizeof(text), s);
	fputs(text, f);
}

/* Boots that killed of all, and the seconds to the first detection: median and 95th percentile. */
static void put_kills(FILE *f, const json_t *proof)
{
	if (!proof) {
		fputs(" | |", f);
		return;
	}
	if (!is_killed(proof)) {
		fprintf(f, " %s | |", text_of(proof, "status"));
		return;
	}
	fprintf(f, " %.0f/%.0f | ", number_of(proof, "boots_killed"), number_of(proof, "boots"));
	put_seconds(f, number_of(proof, "median_s"));
	if (number_of(proof, "boots") > 1) {
		fputs(" / ", f);
		put_seconds(f, number_of(proof, "p95_s"));
	}
	fputs(" |", f);
}

static void put_row(FILE *f, const json_t *m, bool peer)
{
	const json_t *igt = json_object_get(m, "igt");
	double attempts = number_of(m, "attempts");

	fprintf(f, "| %s | %s |", text_of(m, "id"), text_of(m, "kind"));
	put_kills(f, m);
	if (attempts >= 0 && is_killed(m))
		fprintf(f, " %.0f |", attempts);
	else
		fputs(" |", f);
	fputs(is_killed(m) ? " `" : " ", f);
	fputs(text_of(m, "subtest"), f);
	fputs(is_killed(m) ? "`: " : "", f);
	put_cell(f, is_killed(m) ? text_of(m, "evidence") : text_of(m, "why"));
	fputs(" |", f);
	if (peer) {
		put_kills(f, igt);
		if (igt && is_killed(igt))
			fprintf(f, " `%s` |", text_of(igt, "subtest"));
		else
			fputs(" |", f);
	}
	fputc('\n', f);
}

static void put_table(FILE *f, const json_t *mutants, bool repairs, bool peer)
{
	const json_t *m;
	size_t i;

	fprintf(f, "| mutant | kind | boots | s, median%s | attempts | noticed by |%s\n", " / p95",
		peer ? " IGT: boots | s | by |" : "");
	fprintf(f, "|---|---|---|---|---|---|%s\n", peer ? "---|---|---|" : "");
	json_array_foreach(mutants, i, m)
	{
		if (is_repair(m) == repairs)
			put_row(f, m, peer);
	}
	fputc('\n', f);
}

static void put_survivors(FILE *f, const json_t *mutants)
{
	size_t i, count = 0;
	const json_t *m;

	json_array_foreach(mutants, i, m)
	{
		if (is_killed(m) || is_repair(m))
			continue;
		fprintf(f, "%s- **%s** (%s): %s. ", count++ ? "" : "### Not killed\n\n",
			text_of(m, "id"), text_of(m, "status"), text_of(m, "title"));
		if (*text_of(m, "survives"))
			put_cell(f, text_of(m, "survives"));
		else if (*text_of(m, "why"))
			put_cell(f, text_of(m, "why"));
		else
			fputs("Not explained yet.", f);
		fputc('\n', f);
	}
	if (count)
		fputc('\n', f);
}

static void put_controls(FILE *f, const json_t *controls)
{
	const char *suite;
	json_t *list;

	json_object_foreach((json_t *)controls, suite, list)
	{
		const json_t *c, *kill;
		size_t i, j;

		json_array_foreach(list, i, c)
		{
			fprintf(f, "- stock kernel, %s, %s's tests, %.0f %s: %s",
				text_of(c, "devices"), suite, number_of(c, "boots"),
				boots_word(number_of(c, "boots")), text_of(c, "status"));
			json_array_foreach(json_object_get(c, "kills"), j, kill)
			{
				fputs(j ? ", " : "; failed there too, and prove nothing by that: ",
				      f);
				fprintf(f, "`%s`", text_of(kill, "subtest"));
			}
			if (*text_of(c, "why")) {
				fputs("; ", f);
				put_cell(f, text_of(c, "why"));
			}
			fputs("\n", f);
		}
	}
	fputc('\n', f);
}

static bool has_peer(const json_t *mutants)
{
	const json_t *m;
	size_t i;

	json_array_foreach(mutants, i, m)
	{
		if (json_object_get(m, "igt"))
			return true;
	}
	return false;
}

static void put_head(FILE *f, const json_t *run)
{
	const json_t *word;
	size_t i;

	fprintf(f, "## %s%s\n\n", text_of(run, "kernel"),
		json_is_true(json_object_get(run, "blind")) ? ", blind" : "");
	put_cell(f, text_of(run, "origin"));
	fprintf(f, ", %s. ", text_of(run, "date"));
	if (*text_of(run, "machine"))
		fprintf(f, "%s. ", text_of(run, "machine"));
	fputs("Detectors: ", f);
	json_array_foreach(json_object_get(run, "detectors"), i, word)
		fprintf(f, "%s%s", i ? ", " : "", json_string_value(word));
	fprintf(f, ". Profile %s, ", text_of(run, "profile"));
	if (json_array_size(json_object_get(run, "tests"))) {
		fputs("only tests that match", f);
		json_array_foreach(json_object_get(run, "tests"), i, word)
			fprintf(f, " `%s`", json_string_value(word));
	} else {
		fputs(json_is_true(json_object_get(run, "blind"))
			      ? "every test (blind)"
			      : "the tests that a mutant's header names",
		      f);
	}
	fprintf(f, ", %.0f %s a mutant.\n\n", number_of(run, "boots"),
		boots_word(number_of(run, "boots")));
}

/* The quickest kill of each boot. */
static void add_boots(struct times *t, const json_t *proof)
{
	int boots = (int)number_of(proof, "boots");
	const json_t *kill;
	size_t i;

	for (int boot = 0; boot < boots; boot++) {
		double quickest = -1;

		json_array_foreach(json_object_get(proof, "kills"), i, kill)
		{
			double s = number_of(kill, "seconds");

			if ((int)number_of(kill, "boot") == boot && s >= 0 &&
			    (quickest < 0 || s < quickest))
				quickest = s;
		}
		times_add(t, quickest);
	}
}

static void put_times(FILE *f, const json_t *mutants, bool peer)
{
	struct times t = { 0 };
	const json_t *m;
	size_t i;

	json_array_foreach(mutants, i, m)
	{
		if (!is_repair(m))
			add_boots(&t, peer ? json_object_get(m, "igt") : m);
	}
	if (t.count) {
		fprintf(f, "%s to the first detection, over %zu boots that killed: median ",
			peer ? "IGT's" : "Seconds", t.count);
		put_seconds(f, times_percentile(&t, 50));
		fputs(", 95 % within ", f);
		put_seconds(f, times_percentile(&t, 95));
		fputs(".\n\n", f);
	}
	times_finish(&t);
}

/* How many times as long IGT's tests took, where both noticed. */
static void put_ratio(FILE *f, const json_t *mutants)
{
	struct times t = { 0 };
	const json_t *m;
	size_t i;

	json_array_foreach(mutants, i, m)
	{
		const json_t *igt = json_object_get(m, "igt");
		double ours = number_of(m, "median_s"), theirs = number_of(igt, "median_s");

		if (is_killed(m) && is_killed(igt) && ours > 0 && theirs >= 0)
			times_add(&t, theirs / ours);
	}
	if (t.count)
		fprintf(f,
			"Where both noticed (%zu), IGT's tests took %.*f to %.0f times as long, "
			"median %.0f.\n\n",
			t.count, times_percentile(&t, 1) < 10 ? 2 : 0, times_percentile(&t, 1),
			times_percentile(&t, 100), times_percentile(&t, 50));
	times_finish(&t);
}

static void put_sum(FILE *f, const json_t *mutants, bool peer)
{
	size_t i, bugs = 0, killed = 0, asked = 0, igt = 0;
	const json_t *m;

	json_array_foreach(mutants, i, m)
	{
		if (is_repair(m))
			continue;
		bugs++;
		killed += is_killed(m);
		asked += json_object_get(m, "igt") != NULL;
		igt += is_killed(json_object_get(m, "igt"));
	}
	fprintf(f, "**%zu of %zu mutants killed", killed, bugs);
	if (peer)
		fprintf(f, "; by IGT's own tests %zu of %zu", igt, asked);
	fputs(".**\n\n", f);
	put_times(f, mutants, false);
	if (peer) {
		put_times(f, mutants, true);
		put_ratio(f, mutants);
	}
}

static void put_run(FILE *f, const json_t *run)
{
	const json_t *mutants = json_object_get(run, "mutants"), *m;
	bool peer = has_peer(mutants), repairs = false, bugs = false;
	size_t i;

	json_array_foreach(mutants, i, m)
	{
		if (is_repair(m))
			repairs = true;
		else
			bugs = true;
	}
	put_head(f, run);
	if (bugs) {
		put_sum(f, mutants, peer);
		put_survivors(f, mutants);
		fputs("### Bugs put back\n\n", f);
		put_table(f, mutants, false, peer);
	}
	fputs("### Kernels that must pass\n\n", f);
	put_controls(f, json_object_get(run, "controls"));
	if (repairs)
		put_table(f, mutants, true, peer);
}

static const char intro[] =
	"<!-- Written by gemrace prove --report; do not edit. -->\n"
	"# What the suite catches\n\n"
	"Known kernel bugs, put back one at a time ([mutants](../mutants/README.md), "
	"[how](prove.md)): was it noticed, by what, after how long. A boot ends with the first "
	"test that fails here and not on the stock kernel. Seconds are those of the test that "
	"noticed: of racing until the first hit, or until the kernel's first report, or of the "
	"failed case; attempts are the race's until its first hit. Bugs of the kind *fail* need a "
	"failing allocation, which packaged kernels have no means to inject.\n\n";

static int load(const char *path, json_t **ret, struct diag *d)
{
	json_error_t error;
	json_t *run = json_load_file(path, 0, &error);

	if (!run)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "--with '%s': %s", path, error.text);
	if (!json_is_array(json_object_get(run, "mutants")) || !*text_of(run, "kernel")) {
		json_decref(run);
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"--with '%s': not written by gemrace prove --json", path);
	}
	*ret = run;
	return 0;
}

int report_check(const char *const *files, struct diag *d)
{
	for (; files && *files; files++) {
		json_t *run;
		int err = load(*files, &run, d);

		if (err)
			return err;
		json_decref(run);
	}
	return 0;
}

int report_write(const char *path, const char *const *files, json_t *record, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	json_t *run;
	int err = 0;

	if (!f)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	fputs(intro, f);
	for (; files && *files && !err; files++) {
		err = load(*files, &run, d);
		if (!err) {
			put_run(f, run);
			json_decref(run);
		}
	}
	if (record && !err)
		put_run(f, record);
	if (fclose(f) && !err)
		err = diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	if (err)
		return err;
	return file_write_out(path, text, size, d);
}
