// SPDX-License-Identifier: MIT
#include "plan/cache.h"

#include "diag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *variable, *below;
} homes[] = {
	{ "GEMRACE_CACHE", "" },
	{ "XDG_CACHE_HOME", "/gemrace" },
	{ "HOME", "/.cache/gemrace" },
};

/* mkdir -p. Cuts @path at each slash and mends it. */
static int make_all(char *path)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*p = c;
		if (!c)
			return 0;
	}
}

int cache_find(char **ret_path, struct diag *d)
{
	char *path = NULL;
	int err;

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes) && !path; i++) {
		const char *home = getenv(homes[i].variable);

		if (!home || !*home)
			continue;
		if (asprintf(&path, "%s%s", home, homes[i].below) < 0)
			return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	}
	if (!path)
		return diag_set(
			d, GEMRACE_USAGE, ENOENT,
			"no cache folder: none of GEMRACE_CACHE, XDG_CACHE_HOME, HOME is set");
	err = make_all(path);
	if (err) {
		diag_set(d, GEMRACE_HARNESS, -err, "cache folder %s: %s", path, strerror(-err));
		free(path);
		return err;
	}
	*ret_path = path;
	return 0;
}
