// SPDX-License-Identifier: MIT
#include "kbuild/debian_source.h"

#include "diag.h"
#include "fetch/file.h"
#include "fetch/packages.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Whether @name is one of @names, one a line. */
static bool is_listed(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = names; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, n) && (line[n] == '\n' || !line[n]))
			return true;
	}
	return false;
}

/* -ENOENT when these suites have no such package. */
static int fetch_from(enum apt_suites suites, const char *package, const char *cache,
		      const struct notifier *notifier, char **ret_folder, struct diag *d)
{
	static const char *const prefixes[] = { "usr/src/", NULL };
	const char *const names[] = { package, NULL };
	const struct packages_request req = { .names = names, .prefixes = prefixes };
	_cleanup_free_ char *listed = NULL;
	struct apt apt = { 0 };
	int err;

	err = apt_open(cache, suites, notifier, &apt, d);
	if (err)
		return err;
	err = apt_names(&apt, package, &listed);
	if (!err)
		err = is_listed(listed, package) ? packages_fetch(&apt, cache, &req, ret_folder, d)
						 : -ENOENT;
	apt_close(&apt);
	return err;
}

static int fetch(const char *package, const char *cache, const struct notifier *notifier,
		 char **ret_folder, struct diag *d)
{
	_cleanup_close_ int lock = packages_lock(cache, notifier, d);
	_cleanup_free_ char *folder = NULL, *text = NULL;
	int err;

	if (lock < 0)
		return lock;
	/* Another gemrace may have fetched it while we waited. */
	if (!packages_recall(cache, package, ret_folder, &text))
		return 0;
	diag_set(d, GEMRACE_USAGE, ENOENT, "no %s in Debian's archive", package);
	err = fetch_from(APT_CONFIGURED, package, cache, notifier, &folder, d);
	if (err == -ENOENT)
		err = fetch_from(APT_UNSTABLE, package, cache, notifier, &folder, d);
	if (err)
		return err;
	err = packages_remember(cache, package, folder, package);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "cache %s: %s", cache, strerror(-err));
	*ret_folder = folder;
	folder = NULL;
	return 0;
}

int debian_source(const char *version, const char *cache, const struct notifier *notifier,
		  char **ret_archive, struct diag *d)
{
	_cleanup_free_ char *package = text_printf("linux-source-%s", version);
	_cleanup_free_ char *folder = NULL, *text = NULL;
	int err;

	if (!*version || strspn(version, "0123456789.") != strlen(version))
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"source '%s%s': expected a version such as %s6.12",
				DEBIAN_SOURCE_PREFIX, version, DEBIAN_SOURCE_PREFIX);
	err = package ? packages_recall(cache, package, &folder, &text) : -ENOMEM;
	if (err)
		err = fetch(package, cache, notifier, &folder, d);
	if (err)
		return err;
	*ret_archive = text_printf("%s/usr/src/%s.tar.xz", folder, package);
	return *ret_archive ? 0 : diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}
