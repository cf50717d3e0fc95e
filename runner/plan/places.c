// SPDX-License-Identifier: MIT
#include "plan/places.h"

#include "diag.h"
#include "version.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One lay-out: folders from the program's own, or absolute ones. */
struct layout {
	const char *tests, *selftest, *bench, *init;
};

static const struct layout layouts[] = {
	{ "../tests", "../tests/selftest", "../bench", "guest/gemrace-init" }, /* build tree */
	{ "../libexec/gemrace", "../libexec/gemrace/selftest", "../libexec/gemrace/bench",
	  "../libexec/gemrace/gemrace-init" },
	{ GEMRACE_LIBEXECDIR, GEMRACE_LIBEXECDIR "/selftest", GEMRACE_LIBEXECDIR "/bench",
	  GEMRACE_LIBEXECDIR "/gemrace-init" },
};

static char *join(const char *base, const char *path)
{
	char *s;

	if (*path == '/')
		return strdup(path);
	return asprintf(&s, "%s/%s", base, path) < 0 ? NULL : s;
}

static bool holds_tests(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/test-list.txt", dir);
	return !access(path, R_OK);
}

static int own_folder(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *dir;

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	dir = dirname(buf); /* cuts in place, so only once */
	memmove(buf, dir, strlen(dir) + 1);
	return 0;
}

int places_find(const char *tests, struct places *ret, struct diag *d)
{
	const struct layout *layout = NULL;
	struct places places = { 0 };
	char own[PATH_MAX];
	int err;

	err = own_folder(own, sizeof(own));
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "/proc/self/exe: %s", strerror(-err));

	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts) && !layout; i++) {
		char *dir = join(own, layouts[i].tests);

		if (dir && holds_tests(dir))
			layout = &layouts[i];
		free(dir);
	}
	if (tests && !holds_tests(tests))
		return diag_set(d, GEMRACE_USAGE, ENOENT, "--tests '%s': no test-list.txt there",
				tests);
	if (!tests && !layout)
		return diag_set(d, GEMRACE_HARNESS, ENOENT,
				"no test-list.txt in %s/../tests or %s: is the build complete?",
				own, GEMRACE_LIBEXECDIR);

	if (layout) {
		places.tests = join(own, layout->tests);
		places.selftest = join(own, layout->selftest);
		places.bench = join(own, layout->bench);
		places.init = join(own, layout->init);
	}
	if (tests) {
		free(places.tests);
		places.tests = realpath(tests, NULL);
	}
	*ret = places;
	return 0;
}

/* A folder of data: beside this program in the build tree, or in libexec. @what is for people. */
static int find_data(const char *const folders[3], const char *what, char **ret, struct diag *d)
{
	char own[PATH_MAX];
	int err;

	err = own_folder(own, sizeof(own));
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "/proc/self/exe: %s", strerror(-err));
	for (size_t i = 0; i < 3; i++) {
		char *dir = join(own, folders[i]);

		if (dir && !access(dir, F_OK)) {
			*ret = dir;
			return 0;
		}
		free(dir);
	}
	return diag_set(d, GEMRACE_HARNESS, ENOENT, "no %s in %s/%s or %s: is the build complete?",
			what, own, folders[0], folders[2]);
}

int places_find_fragments(char **ret, struct diag *d)
{
	static const char *const folders[] = { "../ci/kernel", "../libexec/gemrace/kernel",
					       GEMRACE_LIBEXECDIR "/kernel" };

	return find_data(folders, "kernel fragments", ret, d);
}

int places_find_mutants(char **ret, struct diag *d)
{
	static const char *const folders[] = { "../mutants", "../libexec/gemrace/mutants",
					       GEMRACE_LIBEXECDIR "/mutants" };

	return find_data(folders, "mutants", ret, d);
}

int places_find_known(char **ret, struct diag *d)
{
	static const char *const folders[] = { "../ci/known", "../libexec/gemrace/known",
					       GEMRACE_LIBEXECDIR "/known" };

	return find_data(folders, "known defects", ret, d);
}

int places_find_peer(char **ret, struct diag *d)
{
	static const char *const files[] = { "../bench/igt-baseline.so",
					     "../libexec/gemrace/igt-baseline.so",
					     GEMRACE_LIBEXECDIR "/igt-baseline.so" };

	return find_data(files, "IGT baseline", ret, d);
}

void places_finish(struct places *places)
{
	free(places->tests);
	free(places->selftest);
	free(places->bench);
	free(places->init);
	*places = (struct places){ 0 };
}
