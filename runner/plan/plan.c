// SPDX-License-Identifier: MIT
#include "plan/plan.h"

#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"
#include "profile.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TIMEOUT_S   20 /* listing touches no device; slow only under a sanitizer */
#define IGT_EXIT_INVALID 79 /* what a binary without subtests says to --list-subtests */

int plan_parse_test_list(const char *text, char ***ret_names, size_t *ret_count)
{
	char *copy = strdup(text), *save = NULL, *word, **names = NULL;
	size_t count = 0;
	bool inside = false, end = false;

	for (word = copy ? strtok_r(copy, " \t\r\n", &save) : NULL; word && !end;
	     word = strtok_r(NULL, " \t\r\n", &save)) {
		if (!inside) {
			inside = !strcmp(word, "TESTLIST");
		} else if (!strcmp(word, "END")) {
			end = true;
		} else {
			names = reallocarray(names, count + 1, sizeof(*names));
			names[count++] = strdup(word);
		}
	}
	free(copy);
	if (!end) {
		while (count)
			free(names[--count]);
		free(names);
		return -EINVAL;
	}
	*ret_names = names;
	*ret_count = count;
	return 0;
}

static bool any_matches(const struct strings *expressions, const char *name)
{
	for (size_t i = 0; i < expressions->count; i++) {
		bool match;
		regex_t re;

		/* the command line's parser has compiled it once: this cannot fail */
		if (regcomp(&re, expressions->at[i], REG_EXTENDED | REG_NOSUB | REG_ICASE))
			continue;
		match = !regexec(&re, name, 0, NULL, 0);
		regfree(&re);
		if (match)
			return true;
	}
	return false;
}

static void add(struct plan *plan, const char *binary, const char *subtest,
		const struct strings *include, const struct strings *exclude)
{
	char name[512];

	snprintf(name, sizeof(name), "igt@%s%s%s", binary, subtest ? "@" : "",
		 subtest ? subtest : "");
	if (include->count && !any_matches(include, name))
		return;
	if (any_matches(exclude, name))
		return;

	plan->tests = reallocarray(plan->tests, plan->count + 1, sizeof(*plan->tests));
	plan->tests[plan->count++] = (struct planned_test){
		.binary = strdup(binary),
		.subtest = subtest ? strdup(subtest) : NULL,
	};
}

static int add_binary(struct plan *plan, const char *dir, const char *binary,
		      const struct strings *include, const struct strings *exclude, int cancel_fd,
		      struct diag *d)
{
	char path[PATH_MAX], *text, *save = NULL, *line;
	const char *argv[] = { path, "--list-subtests", NULL };
	int status, err;

	snprintf(path, sizeof(path), "%s/%s", dir, binary);
	err = process_capture(argv, LIST_TIMEOUT_S, cancel_fd, &text, &status);
	if (err == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s --list-subtests: %s", path,
				strerror(-err));
	if (status && status != IGT_EXIT_INVALID) {
		free(text);
		return diag_set(d, GEMRACE_HARNESS, EIO, "%s --list-subtests: exit status %d", path,
				status);
	}
	if (status == IGT_EXIT_INVALID)
		add(plan, binary, NULL, include, exclude);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		add(plan, binary, line, include, exclude);
	free(text);
	return 0;
}

/* Names hold no '/', so that fnmatch(3) knows the same patterns as the binaries. */
static void look_up(char *const *lines, size_t count, struct planned_test *test)
{
	char name[PLAN_NAME_MAX], pattern[PLAN_NAME_MAX];

	snprintf(name, sizeof(name), "%s@%s", test->binary, test->subtest ? test->subtest : "");
	for (size_t i = 0; i < count && !test->destructive; i++) {
		size_t length = strcspn(lines[i], " ");

		snprintf(pattern, sizeof(pattern), "%.*s", (int)length, lines[i]);
		if (fnmatch(pattern, name, 0))
			continue;
		test->destructive = true;
		snprintf(test->profile, sizeof(test->profile), "%.7s",
			 lines[i] + length + strspn(lines[i] + length, " "));
	}
}

/* Tests from elsewhere come without the list: none of them is known to be destructive. */
static int mark_destructive(struct plan *plan, const char *dir, struct diag *d)
{
	char path[PATH_MAX], *text, *save = NULL, *line, **lines = NULL;
	size_t count = 0;
	int err;

	snprintf(path, sizeof(path), "%s/destructive-list.txt", dir);
	err = file_read(path, &text, NULL);
	if (err)
		return err == -ENOENT
			       ? 0
			       : diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		lines = reallocarray(lines, count + 1, sizeof(*lines));
		lines[count++] = line;
	}
	for (size_t i = 0; i < plan->count; i++)
		look_up(lines, count, &plan->tests[i]);
	free(lines);
	free(text);
	return 0;
}

int plan_build(const char *tests_dir, const struct strings *include, const struct strings *exclude,
	       int cancel_fd, struct plan *ret, struct diag *d)
{
	char path[PATH_MAX], *text, **names;
	struct plan plan = { 0 };
	size_t count;
	int err = 0;

	snprintf(path, sizeof(path), "%s/test-list.txt", tests_dir);
	err = file_read(path, &text, NULL);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err));
	err = plan_parse_test_list(text, &names, &count);
	free(text);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: not a test list", path);

	for (size_t i = 0; i < count; i++) {
		if (!err)
			err = add_binary(&plan, tests_dir, names[i], include, exclude, cancel_fd,
					 d);
		free(names[i]);
	}
	free(names);
	if (!err)
		err = mark_destructive(&plan, tests_dir, d);
	if (!err && !plan.count)
		err = diag_set(d, GEMRACE_USAGE, ENOENT, "no test matches");
	if (err) {
		plan_finish(&plan);
		return err;
	}
	*ret = plan;
	return 0;
}

void plan_tame(struct plan *plan, const char *profile)
{
	for (size_t i = 0; i < plan->count; i++) {
		const char *least = plan->tests[i].profile;

		if (*least && profile_rank(least) > profile_rank(profile))
			plan->tests[i].destructive = false;
	}
}

void plan_finish(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->tests[i].binary);
		free(plan->tests[i].subtest);
	}
	free(plan->tests);
	*plan = (struct plan){ 0 };
}

void plan_name(const struct planned_test *test, char name[static PLAN_NAME_MAX])
{
	snprintf(name, PLAN_NAME_MAX, "igt@%s%s%s", test->binary, test->subtest ? "@" : "",
		 test->subtest ? test->subtest : "");
	for (char *p = name; *p; p++)
		*p = tolower((unsigned char)*p);
}

int plan_write(const struct plan *plan, const char *path, plan_skip skip, const void *data)
{
	char name[PLAN_NAME_MAX];
	int written = 0;
	bool bad;
	FILE *f;

	f = fopen(path, "we");
	if (!f)
		return -errno;
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_test *t = &plan->tests[i];

		plan_name(t, name);
		if (skip && skip(data, t, name))
			continue;
		written++;
		fprintf(f, "igt@%s%s%s\n", t->binary, t->subtest ? "@" : "",
			t->subtest ? t->subtest : "");
	}
	errno = 0;
	bad = fflush(f) || ferror(f);
	if (fclose(f) || bad)
		return errno ? -errno : -EIO;
	return written;
}
