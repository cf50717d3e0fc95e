// SPDX-License-Identifier: MIT
/*
 * gemrace vm --selftest: runs tests whose outcome is known, most of them bad, and checks that each
 * is reported as what it is: in results.json when igt_runner runs them, by exit status when a
 * person does.
 */
#include "build/output.h"
#include "cmd/expect.h"
#include "cmd/vm.h"
#include "diag.h"
#include "fetch/file.h"
#include "known/cause.h"
#include "report/style.h"
#include "results/document.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GUEST_SELFTESTS "/usr/libexec/gemrace/selftest"
#define TEST_TIMEOUT_S  12  /* the two that hang are waited for this long */
#define SLOW_TIMEOUT_S  60  /* where a kernel of ours has kmemleak: it alone takes most of this */
#define BY_HAND_MAX_S   300 /* all others one by one, none of which waits */

/*
 * On 7.2 the allocator's per-CPU stock keeps pointers to what it handed out, but for caches that
 * are checked: see lib/suite/memory.c. Packaged kernels have no kmemleak, and are taken as they
 * are.
 */
#define KMEMLEAK_SEES "slab_debug=U"

struct checks {
	struct session *s;
	json_t *list; /* what --json shows */
	int passed, failed;
	bool has_cries; /* the guest has the module that makes its kernel cry */
};

static void check(struct checks *c, const char *how, const struct expectation *e,
		  const char *expected, const char *seen)
{
	bool good = !strcmp(expected, seen);
	bool colour = c->s->progress.terminal;
	enum verdict v = good ? VERDICT_PASS : VERDICT_FAIL;

	if (good)
		c->passed++;
	else
		c->failed++;
	progress_note(&c->s->progress, "%s%-4s%s  %-10s %s@%s: %s%s%s", style_of(v, colour),
		      good ? "ok" : "BAD", style_end(colour), how, e->binary, e->subtest, seen,
		      good ? "" : ", expected ", good ? "" : expected);
	json_array_append_new(c->list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "how", how,
						 "binary", e->binary, "subtest", e->subtest,
						 "expected", expected, "seen", seen, "ok", good));
}

static bool holds(const json_t *test, const char *text)
{
	static const char *const keys[] = { "out", "err", "dmesg" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *value = json_string_value(json_object_get(test, keys[i]));

		if (value && strstr(value, text))
			return true;
	}
	return false;
}

/* A self-test that the table does not know cannot be checked, and says so. */
static void check_unknown(struct checks *c)
{
	for (size_t i = 0; i < c->s->plan.count; i++) {
		const struct planned_test *t = &c->s->plan.tests[i];
		const struct expectation unknown = { .binary = t->binary, .subtest = t->subtest };

		if (!expectation_find(t->binary, t->subtest ? t->subtest : ""))
			check(c, "table", &unknown, "an expectation", "none");
	}
}

static bool is_planned(const struct session *s, const struct expectation *e)
{
	size_t n = strcspn(e->subtest, "@");

	for (size_t i = 0; i < s->plan.count; i++) {
		const struct planned_test *t = &s->plan.tests[i];

		if (!strcmp(t->binary, e->binary) && t->subtest && strlen(t->subtest) == n &&
		    !strncmp(t->subtest, e->subtest, n))
			return true;
	}
	return false;
}

/* Whether a sentence that the test failed with is none of those that may be. */
static bool complains_of_more(const json_t *test, const char *only)
{
	struct causes causes;
	bool more = false;
	regex_t regex;

	if (regcomp(&regex, only, REG_EXTENDED | REG_NOSUB))
		return true;
	more = causes_of(test, &causes);
	for (size_t i = 0; !more && i < causes.count; i++)
		more = regexec(&regex, causes.at[i].text, 0, NULL, 0);
	causes_finish(&causes);
	regfree(&regex);
	return more;
}

static void check_results(struct checks *c)
{
	for (size_t i = 0; i < expectation_count; i++) {
		const struct expectation *e = &expectations[i];
		const char *only = expectation_only(e);
		char name[PLAN_NAME_MAX], buf[300];
		const json_t *test;
		const char *seen;

		if (!is_planned(c->s, e))
			continue;
		snprintf(name, sizeof(name), "igt@%s@%s", e->binary, e->subtest);
		test = json_object_get(results_tests(c->s->root), name);
		seen = results_word(test);
		if (selftest_may_skip(test, e, c->has_cries)) {
			check(c, "igt_runner", e, "skip", seen);
			continue;
		}
		if (e->cry && !strcmp(seen, e->word))
			seen = selftest_cry_problem(test, e->cry, buf, sizeof(buf)) ?: seen;
		if (!strcmp(seen, e->word) && e->evidence && !holds(test, e->evidence))
			seen = "without its evidence";
		else if (only && complains_of_more(test, only))
			seen = "with more than its evidence";
		check(c, "igt_runner", e, e->word, seen);
	}
}

/* The guest's shell notes each exit status; nobody stands between the test and it. */
static int write_script(const struct session *s, const char *path)
{
	FILE *f = fopen(path, "we");
	bool bad;

	if (!f)
		return -errno;
	fputs("cd " GUEST_SELFTESTS " || exit 1\n", f);
	for (size_t i = 0; i < expectation_count; i++) {
		const struct expectation *e = &expectations[i];

		if (is_planned(s, e) && e->status >= 0)
			fprintf(f,
				"./%s --run-subtest %s >>/gemrace/output.txt 2>&1\n"
				"echo %zu $? >>/gemrace/status.txt\n",
				e->binary, e->subtest, i);
	}
	bad = ferror(f);
	return fclose(f) || bad ? -EIO : 0;
}

static void check_status(struct checks *c, const char *path)
{
	FILE *f = fopen(path, "re");
	int *seen = calloc(expectation_count, sizeof(*seen)), status;
	size_t index;

	for (size_t i = 0; seen && i < expectation_count; i++)
		seen[i] = -1;
	while (seen && f && fscanf(f, "%zu %d", &index, &status) == 2) {
		if (index < expectation_count)
			seen[index] = status;
	}
	for (size_t i = 0; seen && i < expectation_count; i++) {
		const struct expectation *e = &expectations[i];
		char wanted[24], got[24];

		if (!is_planned(c->s, e) || e->status < 0)
			continue;
		snprintf(wanted, sizeof(wanted), "exit %d", e->status);
		snprintf(got, sizeof(got), seen[i] < 0 ? "not run" : "exit %d", seen[i]);
		check(c, "by hand", e, wanted, got);
	}
	free(seen);
	if (f)
		fclose(f);
}

static void on_event(void *data, const struct vm_event *event)
{
	struct session *s = data;

	if (event->kind == VM_EVENT_READY)
		progress_note(&s->progress, "VM for the tests by hand up after %.1f s",
			      event->at_s);
}

static int run_by_hand(struct checks *c, const struct machine *m, struct diag *d)
{
	const char *argv[] = { "/bin/sh", "/gemrace/by-hand.sh", NULL };
	const struct vm_observer observer = { .event = on_event, .data = c->s };
	char dir[PATH_MAX / 2 + 16], path[PATH_MAX], console[PATH_MAX];
	struct vm_outcome outcome;
	struct vm_config config;
	int err;

	snprintf(dir, sizeof(dir), "%s/by-hand", c->s->dir);
	snprintf(path, sizeof(path), "%s/by-hand.sh", dir);
	snprintf(console, sizeof(console), "%s/console.log", dir);
	if (mkdir(dir, 0777))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", dir, strerror(errno));
	err = write_script(c->s, path);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
	config = machine_config(c->s, m);
	config.share = dir;
	config.console = console;
	config.argv = argv;
	config.env = (const char *const *)c->s->settings.at;
	config.timeout_s = BY_HAND_MAX_S;
	err = vm_run(&config, &observer, &outcome, d);
	if (err)
		return err;
	vm_outcome_finish(&outcome);
	snprintf(path, sizeof(path), "%s/status.txt", dir);
	check_status(c, path);
	return 0;
}

static void print_json(const struct checks *c)
{
	json_t *document = json_deep_copy(json_object_get(c->s->root, "gemrace"));

	json_object_set(document, "checks", c->list);
	json_object_set_new(document, "passed", json_integer(c->passed));
	json_object_set_new(document, "failed", json_integer(c->failed));
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(document);
}

static int run(struct session *s, struct diag *d)
{
	struct checks c = { .s = s, .list = json_array() };
	struct machine_parts parts;
	const char *error;
	int err;

	err = machine_kernel_find(s, &parts, d);
	err = err ?: selftest_cry_module(s, &parts, d);
	c.has_cries = !err && parts.module;
	err = err ?: machine_image_make(s, &parts, d);
	parts.machine.tests_dir = GUEST_SELFTESTS;
	parts.machine.test_timeout_s = !err && output_is_ours(&parts.kernel) ? SLOW_TIMEOUT_S
									     : TEST_TIMEOUT_S;
	err = err ?: session_prepare(s, d);
	err = err ?: turns_run(s, &parts.machine, d);
	err = err ?: session_save(s, d);
	error = json_string_value(json_object_get(results_info(s->root), "harness_error"));
	if (!err && !error) {
		progress_note(&s->progress, "%s", "");
		check_unknown(&c);
		check_results(&c);
		err = cancel_is_set(&s->cancel) ? 0 : run_by_hand(&c, &parts.machine, d);
	}
	machine_parts_finish(&parts);
	if (!err && s->options->json)
		print_json(&c);
	if (!err && error)
		fprintf(s->out, "\n%s\n", error);
	else if (!err)
		fprintf(s->out, "\n%d passed, %d failed\n", c.passed, c.failed);
	json_decref(c.list);
	if (err)
		return err;
	return error || c.failed || cancel_is_set(&s->cancel) ? GEMRACE_HARNESS : GEMRACE_OK;
}

int vm_selftest(const struct options *options, struct diag *d)
{
	/* what is to leak a framebuffer or a syncobj needs more than vgem */
	static const char *devices[] = { "vgem", "virtio-gpu", "bochs", NULL };
	_cleanup_free_ char *append = NULL;
	struct options own = *options;
	struct session s;
	int ret;

	if (own.devices.count == 1 && !strcmp(own.devices.at[0], "vgem"))
		own.devices = (struct strings){ .at = devices, .count = 3 };
	if (own.kernel && text_starts(own.kernel, "build:")) {
		append = text_printf("%s%s" KMEMLEAK_SEES, own.append ? own.append : "",
				     own.append ? " " : "");
		if (!append)
			return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
		own.append = append;
	}
	ret = session_open(&own, SESSION_SELFTESTS, &s, d);
	if (!ret)
		ret = run(&s, d);
	session_close(&s);
	return ret;
}
