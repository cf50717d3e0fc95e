// SPDX-License-Identifier: MIT
#include "exec/igt.h"

#include "diag.h"
#include "exec/process.h"
#include "profile.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESULTS_TIMEOUT_S 60 /* parsing a folder's logs: a second for a hundred tests */

/* A test runs its races one after another; a multiple of the profile's longest under slow TCG. */
static const int test_timeouts_s[PROFILE_COUNT] = { 120, 600, 7200 };

static int push(char ***list, size_t *count, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int push(char ***list, size_t *count, const char *fmt, ...)
{
	char **grown = reallocarray(*list, *count + 2, sizeof(*grown));
	va_list ap;
	int n;

	if (!grown)
		return -ENOMEM;
	*list = grown;
	va_start(ap, fmt);
	n = vasprintf(&grown[*count], fmt, ap);
	va_end(ap);
	if (n < 0)
		grown[*count] = NULL;
	else
		grown[++*count] = NULL;
	return n < 0 ? -ENOMEM : 0;
}

static void free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

int settings_make(const struct options *o, struct settings *ret)
{
	struct settings s = { 0 };
	int err;

	err = push(&s.at, &s.count, "GEMRACE_PROFILE=%s", o->profile);
	if (!err && o->race_time_s > 0)
		err = push(&s.at, &s.count, "GEMRACE_RACE_TIME=%g", o->race_time_s);
	if (!err && o->seed)
		err = push(&s.at, &s.count, "GEMRACE_SEED=%s", o->seed);
	if (!err)
		err = push(&s.at, &s.count, "GEMRACE_CENSUS=%s", o->census);
	if (!err && o->kmemleak)
		err = push(&s.at, &s.count, "GEMRACE_KMEMLEAK=%s", o->kmemleak);
	if (!err && o->destructive)
		err = push(&s.at, &s.count, "GEMRACE_DESTRUCTIVE=1");
	if (err)
		settings_finish(&s);
	else
		*ret = s;
	return err;
}

void settings_finish(struct settings *s)
{
	free_list(s->at, s->count);
	*s = (struct settings){ 0 };
}

int igt_test_timeout_s(const struct options *o)
{
	const size_t rank = profile_rank(o->profile);
	int timeout_s = test_timeouts_s[rank < PROFILE_COUNT ? rank : 0];

	if (o->race_time_s > 0 && timeout_s < 60 + 10 * o->race_time_s)
		timeout_s = 60 + 10 * o->race_time_s;
	return timeout_s;
}

int igt_command_run(const struct settings *settings, const char *program, unsigned int flags,
		    int test_timeout_s, const char *test_list, const char *tests_dir,
		    const char *results_dir, struct igt_command *ret)
{
	struct igt_command c = { 0 };
	int err;

	err = push(&c.argv, &c.count, "%s", program);
	if (flags & IGT_SYNC)
		err = err ?: push(&c.argv, &c.count, "--sync");
	err = err ?: push(&c.argv, &c.count, "--log-level=verbose");
	if (flags & IGT_STOP_ON_TAINT)
		err = err ?: push(&c.argv, &c.count, "--abort-on-monitored-error=taint,lockdep");
	err = err ?: push(&c.argv, &c.count, "--per-test-timeout=%d", test_timeout_s);
	err = err ?: push(&c.argv, &c.count, "--test-list=%s", test_list);
	for (size_t i = 0; i < settings->count; i++)
		err = err ?: push(&c.argv, &c.count, "--environment=%s", settings->at[i]);
	err = err ?: push(&c.argv, &c.count, "%s", tests_dir);
	err = err ?: push(&c.argv, &c.count, "%s", results_dir);
	if (err)
		igt_command_finish(&c);
	else
		*ret = c;
	return err;
}

const char *igt_status_problem(int status, char *buf, size_t size)
{
	if (status < 126)
		return NULL;
	if (status <= 128)
		return status == 127 ? "igt_runner is not there" : "igt_runner cannot be run";
	snprintf(buf, size, "igt_runner died of signal %d (%s)", status - 128,
		 strsignal(status - 128));
	return buf;
}

int igt_command_resume(const char *program, const char *results_dir, struct igt_command *ret)
{
	struct igt_command c = { 0 };
	int err;

	err = push(&c.argv, &c.count, "%s", program);
	err = err ?: push(&c.argv, &c.count, "%s", results_dir);
	if (err)
		igt_command_finish(&c);
	else
		*ret = c;
	return err;
}

void igt_command_finish(struct igt_command *c)
{
	free_list(c->argv, c->count);
	*c = (struct igt_command){ 0 };
}

int igt_find(const char *wanted, char **ret_path, struct diag *d)
{
	char *path = getenv("PATH"), *copy, *save = NULL, *dir, *found = NULL;

	if (wanted) {
		found = realpath(wanted, NULL);
		if (!found || access(found, X_OK)) {
			free(found);
			return diag_set(d, GEMRACE_USAGE, ENOENT, "--igt-runner '%s': %s", wanted,
					strerror(errno));
		}
		*ret_path = found;
		return 0;
	}
	copy = strdup(path ? path : "");
	for (dir = copy ? strtok_r(copy, ":", &save) : NULL; dir && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		if (asprintf(&found, "%s/igt_runner", dir) < 0)
			found = NULL;
		if (found && access(found, X_OK)) {
			free(found);
			found = NULL;
		}
	}
	free(copy);
	*ret_path = found;
	return 0;
}

/* The packaged igt_results may be newer than this machine's libc: it brings its own loader. */
static bool command_in_root(const char *root, const char *dir, struct igt_command *c)
{
	static const char *const loaders[] = { "lib64", "usr/lib64" };
	char loader[PATH_MAX];
	int err;

	for (size_t i = 0; i < sizeof(loaders) / sizeof(*loaders); i++) {
		snprintf(loader, sizeof(loader), "%s/%s/ld-linux-x86-64.so.2", root, loaders[i]);
		if (access(loader, X_OK))
			continue;
		err = push(&c->argv, &c->count, "%s", loader);
		err = err ?: push(&c->argv, &c->count, "--library-path");
		err = err
			      ?: push(&c->argv, &c->count,
				      "%s/usr/lib/x86_64-linux-gnu:%s/lib/x86_64-linux-gnu", root,
				      root);
		err = err ?: push(&c->argv, &c->count, "%s/usr/bin/igt_results", root);
		err = err ?: push(&c->argv, &c->count, "%s", dir);
		return !err;
	}
	return false;
}

static bool command_beside(const char *runner, const char *dir, struct igt_command *c)
{
	const char *slash = strrchr(runner, '/');
	int err;

	err = push(&c->argv, &c->count, "%.*sigt_results", slash ? (int)(slash + 1 - runner) : 0,
		   runner);
	err = err ?: push(&c->argv, &c->count, "%s", dir);
	return !err && !access(c->argv[0], X_OK);
}

int igt_make_results(const char *runner, const char *root, const char *dir, struct diag *d)
{
	struct igt_command c = { 0 };
	struct diag ignored;
	int status = 0, err;
	char *own = NULL;
	bool found;

	if (!runner && root && !*root && !igt_find(NULL, &own, &ignored))
		runner = own;
	found = runner ? command_beside(runner, dir, &c) : root && command_in_root(root, dir, &c);
	free(own);
	if (!found) {
		igt_command_finish(&c);
		return diag_set(d, GEMRACE_HARNESS, ENOENT, "%s: no igt_results to read it with",
				dir);
	}
	err = process_run(&(struct process){ .argv = (const char *const *)c.argv,
					     .timeout_s = RESULTS_TIMEOUT_S,
					     .cancel_fd = -1 },
			  &status);
	if (err || status)
		diag_set(d, GEMRACE_HARNESS, EIO, "%s: %s: %s %d", c.argv[0], dir,
			 err ? strerror(-err) : "exit status", err ? err : status);
	igt_command_finish(&c);
	return err ? err : status ? -EIO : 0;
}
