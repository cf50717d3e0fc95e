// SPDX-License-Identifier: MIT
#include "exec/direct.h"

#include "clock.h"
#include "exec/cancel.h"
#include "exec/process.h"
#include "results/document.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define ERR_MAX        (1 << 20) /* of a test's stderr kept */
#define IGT_EXIT_ABORT 112       /* the machine is in no state for another test */

/* By exit status, as IGT defines them; what is not here is a signal's or a stranger. */
static const struct {
	int status;
	const char *printed, *word;
} endings[] = {
	{ 0, "SUCCESS", "pass" },          { 77, "SKIP", "skip" },          { 98, "FAIL", "fail" },
	{ IGT_EXIT_ABORT, NULL, "abort" }, { -ETIMEDOUT, NULL, "timeout" },
};

const char *direct_word(const char *printed, int status)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (endings[i].status != status)
			continue;
		if (!printed || !endings[i].printed || !strcmp(printed, endings[i].printed))
			return endings[i].word;
	}
	if (printed && !strcmp(printed, "TIMEOUT"))
		return "timeout";
	if (status > 128 || (printed && !strcmp(printed, "CRASH")))
		return "crash";
	return "fail";
}

static json_t *make_test(const char *word, const char *out, const char *err, double seconds)
{
	json_t *test = json_pack("{s:s, s:{s:s, s:i, s:f}, s:s}", "result", word, "time",
				 "__type__", "TimeAttribute", "start", 0, "end", seconds, "dmesg",
				 "");
	json_t *text;

	/* jansson takes UTF-8 only; a test's output may be anything */
	text = json_string(out);
	json_object_set_new(test, "out", text ? text : json_string("(not UTF-8)"));
	text = json_string(err);
	json_object_set_new(test, "err", text ? text : json_string("(not UTF-8)"));
	return test;
}

/* "Subtest NAME: WORD (1.234s)" after @prefix; false if @line says something else. */
static bool read_result(const char *line, const char *prefix, char name[static 256],
			char printed[static 16], double *seconds)
{
	size_t n = strlen(prefix);

	*seconds = 0;
	return !strncmp(line, prefix, n) &&
	       sscanf(line + n, "%255[^:]: %15[A-Z] (%lfs)", name, printed, seconds) >= 2;
}

static const char *word_of_dynamic(const char *printed)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (endings[i].printed && !strcmp(printed, endings[i].printed))
			return endings[i].word;
	}
	return !strcmp(printed, "CRASH")     ? "crash"
	       : !strcmp(printed, "TIMEOUT") ? "timeout"
					     : "incomplete";
}

static void record_dynamic(json_t *root, const char *parent, const char *out)
{
	char *copy = strdup(out), *save = NULL, *line;

	for (line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[256], printed[16], full[2 * PLAN_NAME_MAX];
		double seconds;

		if (!read_result(line, "Dynamic subtest ", name, printed, &seconds))
			continue;
		snprintf(full, sizeof(full), "%s@%s", parent, name);
		json_object_set_new(results_tests(root), full,
				    make_test(word_of_dynamic(printed), "", "", seconds));
	}
	free(copy);
}

void direct_record(json_t *root, const struct planned_test *test, const char *out, const char *err,
		   int status, double seconds)
{
	char *copy = strdup(out), *save = NULL, *line;
	char full[PLAN_NAME_MAX], name[256], printed[16];
	bool seen = false;
	double took;

	for (line = copy ? strtok_r(copy, "\n", &save) : NULL; line && !seen;
	     line = strtok_r(NULL, "\n", &save)) {
		seen = read_result(line, "Subtest ", name, printed, &took) && test->subtest &&
		       !strcmp(name, test->subtest);
	}
	free(copy);
	plan_name(test, full);
	/* a subtest that ends in silence proves nothing, whatever the exit status */
	json_object_set_new(results_tests(root), full,
			    make_test(!seen && test->subtest && !status
					      ? "incomplete"
					      : direct_word(seen ? printed : NULL, status),
				      out, err, seconds));
	record_dynamic(root, full, out);
}

/* Both what is recorded and what is shown while it runs. */
struct output {
	const struct direct *direct;
	FILE *text;
};

static void take_line(void *data, const char *line)
{
	struct output *output = data;

	fprintf(output->text, "%s\n", line);
	if (output->direct->line)
		output->direct->line(output->direct->data, line);
}

static char *slurp(const char *path)
{
	char *text = calloc(1, ERR_MAX);
	FILE *f = fopen(path, "re");

	if (text && f)
		text[fread(text, 1, ERR_MAX - 1, f)] = '\0';
	if (f)
		fclose(f);
	return text;
}

/* igt_runner's "time_elapsed" is of the calendar. */
static double time_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int run_one(const struct direct *direct, const struct planned_test *test, json_t *root,
		   double *ret_seconds, bool *ret_abort)
{
	char path[PATH_MAX], errors[PATH_MAX], *out = NULL, *err_text;
	const char *argv[] = { path, test->subtest ? "--run-subtest" : NULL, test->subtest, NULL };
	struct output output = { .direct = direct };
	double start = now_s();
	int status = 0, err;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", direct->tests_dir, test->binary);
	snprintf(errors, sizeof(errors), "%s/stderr.txt", direct->scratch);
	output.text = open_memstream(&out, &size);
	if (!output.text)
		return -ENOMEM;
	err = process_run(&(struct process){ .argv = argv,
					     .env = direct->env,
					     .stderr_path = errors,
					     .timeout_s = direct->test_timeout_s,
					     .cancel_fd = direct->cancel->fd,
					     .line = take_line,
					     .data = &output },
			  &status);
	fclose(output.text);
	err_text = slurp(errors);
	*ret_seconds = now_s() - start;
	if (!err || err == -ETIMEDOUT)
		direct_record(root, test, out ? out : "", err_text ? err_text : "",
			      err ? err : status, *ret_seconds);
	*ret_abort = !err && status == IGT_EXIT_ABORT;
	free(out);
	free(err_text);
	return err == -ETIMEDOUT ? 0 : err;
}

static void add_runtime(json_t *root, const char *binary, double seconds)
{
	json_t *runtimes = json_object_get(root, "runtimes");
	char key[PLAN_NAME_MAX];

	snprintf(key, sizeof(key), "igt@%s", binary);
	seconds += results_seconds(json_object_get(runtimes, key));
	json_object_set_new(runtimes, key,
			    json_pack("{s:{s:s, s:f, s:f}}", "time", "__type__", "TimeAttribute",
				      "start", 0.0, "end", seconds));
}

int direct_run(const struct direct *direct, const struct plan *plan, json_t *root)
{
	double start = time_s(), seconds;
	struct utsname u;
	char line[1024];
	bool aborted = false;
	int err = 0;

	uname(&u);
	snprintf(line, sizeof(line), "%s %s %s %s %s", u.sysname, u.nodename, u.release, u.version,
		 u.machine);
	json_object_set_new(root, "uname", json_string(line));
	for (size_t i = 0; i < plan->count && !err && !aborted; i++) {
		const struct planned_test *t = &plan->tests[i];

		snprintf(line, sizeof(line), "[%.6f] [%zu/%zu] %s (%s)", now_s(), i + 1,
			 plan->count, t->binary, t->subtest ? t->subtest : "");
		if (direct->line)
			direct->line(direct->data, line);
		err = run_one(direct, t, root, &seconds, &aborted);
		if (!err)
			add_runtime(root, t->binary, seconds);
	}
	if (direct->line && !err)
		direct->line(direct->data, "Done.");
	json_object_set_new(root, "time_elapsed",
			    json_pack("{s:s, s:f, s:f}", "__type__", "TimeAttribute", "start",
				      start, "end", time_s()));
	return err;
}
