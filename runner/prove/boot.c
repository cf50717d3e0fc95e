// SPDX-License-Identifier: MIT
#include "prove/boot.h"

#include "clock.h"
#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"
#include "prove/proof.h"
#include "results/document.h"
#include "results/name.h"
#include "results/verdict.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * After an oops the process that hit it is gone with the locks it held, and what waits for those
 * keeps the machine for minutes; so does a CPU that hangs; after KASAN's first report there are
 * thousands. Nothing more is to be learnt there.
 */
#define FATAL "oops=panic kasan.fault=panic sysctl.kernel.panic_on_rcu_stall=1"

/*
 * The kernel log tells a verdict before igt_runner has written it down. That takes the guest some
 * tenths of a second; one that takes this long is hanging, and what it cried out is on its console.
 */
#define RECORD_MAX_S   5
#define RECORD_POLL_MS 20

/* A command line that grows; strings are its own. */
struct command {
	char **at;
	size_t count;
	bool failed;
};

static void add(struct command *c, char *word)
{
	char **at = word ? reallocarray(c->at, c->count + 2, sizeof(*at)) : NULL;

	if (!at) {
		free(word);
		c->failed = true;
		return;
	}
	at[c->count++] = word;
	at[c->count] = NULL;
	c->at = at;
}

static void add_option(struct command *c, const char *name, char *value)
{
	add(c, strdup(name));
	add(c, value);
}

static void finish(struct command *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i]);
	free(c->at);
}

char *boot_pattern_regex(const char *pattern)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("^igt@", f);
	for (; *pattern; pattern++) {
		if (*pattern == '*')
			fputs(".*", f);
		else if (*pattern == '?')
			fputc('.', f);
		else
			fprintf(f, "%s%c",
				isalnum((unsigned char)*pattern) || strchr("_-@", *pattern) ? ""
											    : "\\",
				*pattern);
	}
	fputc('$', f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static void make_command(const struct boot *b, struct command *c)
{
	const struct options *o = b->options;

	add(c, realpath("/proc/self/exe", NULL));
	add(c, strdup("vm"));
	add_option(c, "--results", strdup(b->dir));
	add(c, strdup("--overwrite"));
	add_option(c, "--devices", text_join((const char *const *)b->devices, ","));
	add_option(c, "--accel", strdup(options_accel_word(o->accel)));
	add_option(c, "--cpus", text_printf("%d", o->cpus));
	add_option(c, "--memory", text_printf("%d", o->memory_mib));
	if (b->kernel || o->kernel)
		add_option(c, "--kernel", strdup(b->kernel ? b->kernel : o->kernel));
	if (b->tests_dir)
		add_option(c, "--tests", strdup(b->tests_dir));
	if (b->modules)
		add_option(c, "--modules", strdup(b->modules));
	add_option(c, "--append",
		   text_printf(FATAL "%s%s", o->append ? " " : "", o->append ? o->append : ""));
	if (o->profile)
		add_option(c, "--profile", strdup(o->profile));
	if (o->race_time_s >= 0)
		add_option(c, "--race-time", text_printf("%g", o->race_time_s));
	if (o->timeout_s)
		add_option(c, "--timeout", text_printf("%d", o->timeout_s));
	/* These choose among our tests, not the peer's. */
	for (size_t i = 0; !b->tests_dir && i < o->include.count; i++)
		add_option(c, "--test", strdup(o->include.at[i]));
	for (size_t i = 0; b->tests && b->tests[i]; i++)
		add_option(c, "--test", boot_pattern_regex(b->tests[i]));
	for (size_t i = 0; b->known && i < b->known->kill_count; i++) {
		if (!b->known->kills[i].known)
			add_option(c, "--exclude", boot_pattern_regex(b->known->kills[i].subtest));
	}
	add_option(c, "--jobs", strdup("2"));
}

/* What is watched while it runs. */
struct watch {
	const struct boot *boot;
	FILE *log;
	char *said; /* the last line */
	int pid;
	bool stopped;
};

/* Jobs begun and runs ended by igt_runner, in all VMs: one more, and the last is recorded. */
static size_t count_records(const struct watch *w)
{
	static const char *const names[] = { "[0-9]*", "endtime.txt" };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_free_ char *pattern = text_printf("%s/vm-*/igt/%s", w->boot->dir,
							   names[i]);
		glob_t found;

		if (!pattern || glob(pattern, GLOB_NOSORT, NULL, &found))
			continue;
		count += found.gl_pathc;
		globfree(&found);
	}
	return count;
}

static void await_record(const struct watch *w)
{
	const double end_s = now_s() + RECORD_MAX_S;
	const size_t before = count_records(w);

	while (count_records(w) == before && now_s() < end_s)
		poll(NULL, 0, RECORD_POLL_MS);
}

static void stop(struct watch *w)
{
	if (!w->stopped && w->pid > 0)
		kill(w->pid, SIGTERM); /* it keeps what was found so far */
	w->stopped = true;
}

/* Where the stock kernel has a known defect, only the results tell whether this is another one. */
static bool is_new(const struct watch *w, const char *name, enum verdict v)
{
	return verdict_is_defect(v) && !proof_has_kill(w->boot->known, test_short_name(name));
}

/* " 3/18  fail  1.2 s  gem_flink_race@flink-vs-close" */
static bool line_is_failure(const struct watch *w, const char *line)
{
	static const char *const words[] = { "fail",  "crash", "timeout", "incomplete",
					     "panic", "hang",  "died" };
	char word[32], name[256];

	if (sscanf(line, "%*d/%*d %31s %*f s %255s", word, name) != 2)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(word, words[i]))
			return is_new(w, name, VERDICT_FAIL);
	}
	return false;
}

/*
 * "VM 3 up after 4.5 s": VM 2 may have ended over something that no test reported, but the kernel
 * did. That is in its results.
 */
static bool earlier_vm_failed(const struct watch *w, const char *line)
{
	_cleanup_free_ char *path = NULL;
	json_t *results, *test;
	bool failed = false;
	struct diag ignored;
	const char *name;
	int vm;

	if (sscanf(line, "VM %d up after", &vm) != 1 || vm < 2)
		return false;
	path = text_printf("%s/vm-%d/igt/results.json", w->boot->dir, vm - 1);
	if (!path || results_load(path, &results, &ignored))
		return false;
	json_object_foreach(results_tests(results), name, test)
		failed = failed || (!test_is_dynamic(name) && is_new(w, name, verdict_of(test)));
	json_decref(results);
	return failed;
}

static void watch_line(void *data, const char *line)
{
	struct watch *w = data;

	fprintf(w->log, "%s\n", line);
	fflush(w->log);
	if (*line) {
		free(w->said);
		w->said = strdup(line);
	}
	if (!w->boot->first_only || w->stopped)
		return;
	if (line_is_failure(w, line)) {
		await_record(w);
		stop(w);
	} else if (earlier_vm_failed(w, line)) {
		stop(w);
	}
}

/* The exit status, or -errno. *@ret_said is its last line; the caller frees it. */
static int run(const struct boot *b, const char *log, char **ret_said)
{
	struct watch watch = { .boot = b };
	struct command c = { 0 };
	int status = 0, err;

	make_command(b, &c);
	watch.log = c.failed ? NULL : fopen(log, "we");
	err = c.failed ? -ENOMEM : watch.log ? 0 : -errno;
	if (!err)
		err = process_run(&(struct process){ .argv = (const char *const *)c.at,
						     .stderr_path = "",
						     .cancel_fd = b->cancel_fd,
						     .pid = &watch.pid,
						     .line = watch_line,
						     .data = &watch },
				  &status);
	if (watch.log)
		fclose(watch.log);
	finish(&c);
	*ret_said = watch.said;
	return err ? err : status;
}

int boot_run(const struct boot *b, json_t **ret, struct diag *d)
{
	_cleanup_free_ char *results = text_printf("%s/results.json", b->dir), *said = NULL;
	_cleanup_free_ char *log = text_printf("%s.log", b->dir);
	int status;

	if (!results || !log)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	/* what an earlier run left here must never be read as this boot's */
	if (unlink(results) && errno != ENOENT && errno != ENOTDIR)
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", results, strerror(errno));
	status = run(b, log, &said);
	if (status == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (status < 0)
		return diag_set(d, GEMRACE_HARNESS, -status, "gemrace vm: %s", strerror(-status));
	if (status == GEMRACE_USAGE || access(results, R_OK))
		return diag_set(d, status == GEMRACE_USAGE ? GEMRACE_USAGE : GEMRACE_HARNESS, EIO,
				"%s (log: %s)", said ? said : "gemrace vm said nothing", log);
	return results_load(results, ret, d);
}
