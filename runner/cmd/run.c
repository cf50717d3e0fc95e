// SPDX-License-Identifier: MIT
/* gemrace run: the tests on this machine, under igt_runner where there is one. */
#include "cmd/cmd.h"
#include "cmd/session.h"
#include "diag.h"
#include "exec/direct.h"
#include "exec/process.h"
#include "oracle/counts.h"
#include "results/document.h"
#include "results/folder.h"
#include "results/merge.h"
#include "results/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void on_line(void *data, const char *line)
{
	struct session *s = data;

	if (s->options->verbose)
		progress_note(&s->progress, "%s", line);
	progress_line(&s->progress, line);
}

/* Takes what igt_runner left behind, complete or not. */
static int collect(struct session *s, const char *runner, const char *dir, struct diag *d)
{
	char path[PATH_MAX];
	json_t *document;
	int err;

	snprintf(path, sizeof(path), "%s/results.json", dir);
	err = results_load(path, &document, d);
	if (err) {
		unlink(path); /* missing, or cut off in the middle */
		err = igt_make_results(runner, NULL, dir, d);
		err = err ? err : results_load(path, &document, d);
	}
	if (err)
		return err;
	results_merge(s->root, document, 0, false);
	json_decref(document);
	return 0;
}

/* What ran when the user ended the run did so through no fault of its own. */
static void mark_cut_off(struct session *s, const char *dir)
{
	char name[PLAN_NAME_MAX];

	if (!igt_folder_last(dir, name, sizeof(name)) ||
	    verdict_of(json_object_get(results_tests(s->root), name)) != VERDICT_INCOMPLETE)
		return;
	results_annotate(s->root, name, NULL, "cut off: interrupted", NULL, 0);
	results_cut_off(s->root, name);
}

static int run_igt(struct session *s, const char *runner, struct diag *d)
{
	char list[PATH_MAX], dir[PATH_MAX / 2 + 8];
	struct igt_command command;
	const char *problem;
	char buf[96];
	int status, err, bad;

	snprintf(list, sizeof(list), "%s/test-list.txt", s->dir);
	snprintf(dir, sizeof(dir), "%s/igt", s->dir);
	err = plan_write(&s->plan, list, NULL, NULL);
	if (err < 0)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", list, strerror(-err));
	err = igt_command_run(&s->settings, runner, IGT_SYNC | IGT_STOP_ON_TAINT,
			      igt_test_timeout_s(s->options), list, s->tests_dir, dir, &command);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "out of memory");
	err = process_run(&(struct process){ .argv = (const char *const *)command.argv,
					     .stderr_path = "",
					     .cancel_fd = s->cancel.fd,
					     .line = on_line,
					     .data = s },
			  &status);
	igt_command_finish(&command);
	problem = err ? NULL : igt_status_problem(status, buf, sizeof(buf));
	if (problem)
		session_fail(s, "%s: %s", runner, problem);
	if (err && err != -EINTR)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", runner, strerror(-err));
	bad = collect(s, runner, dir, d);
	if (err == -EINTR)
		mark_cut_off(s, dir);
	return bad ? bad : err;
}

static int run_direct(struct session *s, struct diag *d)
{
	int err;

	err = direct_run(
		&(struct direct){
			.tests_dir = s->tests_dir,
			.env = (const char *const *)s->settings.at,
			.scratch = s->dir,
			.test_timeout_s = igt_test_timeout_s(s->options),
			.cancel = &s->cancel,
			.line = on_line,
			.data = s,
		},
		&s->plan, s->root);
	if (err && err != -EINTR)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", s->tests_dir, strerror(-err));
	return err;
}

static void describe(struct session *s, const char *runner)
{
	const char *program = runner ? runner : "none found: run without, the kernel log unwatched";
	struct utsname u;

	uname(&u);
	session_set(s, "command", json_string("run"));
	session_set(s, "kernel", json_sprintf("%s (%s)", u.release, u.machine));
	session_set(s, "kernel_release", json_string(u.release));
	session_set(s, "igt_runner", runner ? json_string(runner) : json_null());
	progress_note(&s->progress, "kernel      %s\nigt_runner  %s\n", u.release, program);
}

/* The tests leave their probes for the next one: here is none. */
static void remove_counters(void)
{
	struct counts *counts;

	if (!counts_open(NULL, false, &counts))
		counts_close(counts, false);
}

static int run(struct session *s, struct diag *d)
{
	char *runner = NULL;
	int err;

	err = igt_find(s->options->igt_runner, &runner, d);
	if (!err && geteuid())
		err = diag_set(d, GEMRACE_USAGE, EPERM,
			       "needs root for debugfs, modules and the kernel log");
	if (!err)
		err = session_prepare(s, d);
	if (err) {
		free(runner);
		return err;
	}
	describe(s, runner);
	err = runner ? run_igt(s, runner, d) : run_direct(s, d);
	remove_counters();
	free(runner);
	progress_lost(&s->progress, err == -EINTR ? "cut off" : "incomplete");
	if (err == -EINTR)
		session_fail(s, "interrupted: what had not run is notrun");
	else if (err)
		session_fail(s, "%s", d->text);
	return session_report(s, d);
}

int cmd_run(const struct options *options, struct diag *d)
{
	struct session s;
	int ret;

	ret = session_open(options, SESSION_TESTS, &s, d);
	if (!ret)
		ret = run(&s, d);
	session_close(&s);
	return ret;
}
