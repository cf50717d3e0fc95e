// SPDX-License-Identifier: MIT
#include "cmd/session.h"

#include "clock.h"
#include "diag.h"
#include "known/apply.h"
#include "report/json.h"
#include "report/summary.h"
#include "results/document.h"
#include "results/folder.h"
#include "results/merge.h"
#include "results/verdict.h"
#include "version.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void session_set(struct session *s, const char *key, json_t *value)
{
	json_object_set_new(results_info(s->root), key, value);
}

static int load_known(struct session *s, struct diag *d)
{
	char *installed = NULL;
	int err = 0;

	if (!s->options->known)
		err = places_find_known(&installed, d);
	err = err ?: known_load(installed ?: s->options->known, &s->known, d);
	free(installed);
	return err;
}

int session_open(const struct options *options, enum session_tests tests, struct session *s,
		 struct diag *d)
{
	int err = 0;

	*s = (struct session){
		.options = options,
		.out = options->json || tests == SESSION_NO_TESTS ? stderr : stdout,
		.lock = -1,
		.start_s = now_s(),
	};
	s->root = results_new("gemrace");
	if (!s->root)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	/* before anything that takes time */
	if (options->results)
		err = results_folder_check(options->results, options->overwrite, d);
	err = err ? err : places_find(options->tests, &s->places, d);
	if (err)
		return err;
	err = load_known(s, d);
	if (err)
		return err;
	err = cancel_open(&s->cancel);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "signalfd: %s", strerror(-err));
	s->cancellable = true;
	s->tests_dir = tests == SESSION_SELFTESTS ? s->places.selftest : s->places.tests;
	if (tests != SESSION_NO_TESTS)
		err = plan_build(s->tests_dir, &options->include, &options->exclude, s->cancel.fd,
				 &s->plan, d);
	if (err)
		return err;
	plan_tame(&s->plan, options->profile);
	err = settings_make(options, &s->settings);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "out of memory");
	progress_init(&s->progress, s->out, s->plan.count);

	session_set(s, "version", json_string(GEMRACE_VERSION));
	session_set(s, "profile", json_string(options->profile));
	if (options->race_time_s > 0)
		session_set(s, "race_time_s", json_real(options->race_time_s));
	if (options->seed)
		session_set(s, "seed", json_string(options->seed));
	return 0;
}

static int make_temporary(struct session *s, struct diag *d)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(s->dir, sizeof(s->dir), "%s/gemrace-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(s->dir))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", s->dir, strerror(errno));
	s->temporary = true;
	return 0;
}

int session_prepare(struct session *s, struct diag *d)
{
	const char *wanted = s->options->results;
	char *absolute;
	int err = 0;

	if (wanted)
		s->lock = results_folder_prepare(wanted, s->options->overwrite, d);
	else
		err = make_temporary(s, d);
	if (err || (wanted && s->lock < 0))
		return err ? err : s->lock;
	if (wanted) {
		absolute = realpath(wanted, NULL);
		if (!absolute || strlen(absolute) >= sizeof(s->dir)) {
			free(absolute);
			return diag_set(d, GEMRACE_USAGE, ENAMETOOLONG, "--results '%s': %s",
					wanted, strerror(absolute ? ENAMETOOLONG : errno));
		}
		strcpy(s->dir, absolute);
		free(absolute);
	}
	s->prepared = true;
	return 0;
}

void session_fail(struct session *s, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!json_object_get(results_info(s->root), "harness_error"))
		session_set(s, "harness_error", results_string(text));
}

static void note_times(struct session *s)
{
	double now = now_s();
	json_t *times = json_pack("{s:f}", "total_s", now - s->start_s);

	if (s->progress.first_s)
		json_object_set_new(times, "first_subtest_s",
				    json_real(s->progress.first_s - s->start_s));
	session_set(s, "times", times);
}

int session_save(struct session *s, struct diag *d)
{
	bool keep = !s->temporary || s->options->keep;
	char path[PATH_MAX];

	if (known_apply(&s->known, s->root))
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	session_set(s, "not_run", json_integer(results_add_missing(s->root, &s->plan)));
	results_total(s->root);
	note_times(s);
	if (keep)
		session_set(s, "results", json_string(s->dir));
	session_set(s, "status", json_integer(verdict_of_run(s->root)));
	snprintf(path, sizeof(path), "%s/results.json", s->dir);
	return results_save(s->root, path, d);
}

int session_report(struct session *s, struct diag *d)
{
	int err = session_save(s, d);

	if (s->options->json)
		report_json(stdout, s->root);
	else
		report_summary(s->out, s->root);
	return err ? err : (int)verdict_of_run(s->root);
}

void session_close(struct session *s)
{
	if (s->temporary && !s->options->keep)
		results_folder_remove(s->dir);
	if (s->lock >= 0)
		close(s->lock);
	if (s->cancellable)
		cancel_close(&s->cancel);
	settings_finish(&s->settings);
	known_finish(&s->known);
	plan_finish(&s->plan);
	places_finish(&s->places);
	json_decref(s->root);
}
