// SPDX-License-Identifier: MIT
#include "plan/cache.h"

#include "diag.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A service or a cron job may come without HOME; the user has one all the same. */
static const char *home_of_user(void)
{
	const struct passwd *user = getpwuid(geteuid());

	return user ? user->pw_dir : NULL;
}

int cache_find(char **ret_path, struct diag *d)
{
	char *path = NULL, *real;
	int err;

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes) && !path; i++) {
		const char *home = getenv(homes[i].variable);

		if ((!home || !*home) && !strcmp(homes[i].variable, "HOME"))
			home = home_of_user();
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
	/* apt takes a relative path for one below its own folders */
	real = err ? NULL : realpath(path, NULL);
	if (!err && !real)
		err = -errno;
	if (err) {
		diag_set(d, GEMRACE_HARNESS, -err, "cache folder %s: %s", path, strerror(-err));
		free(path);
		return err;
	}
	free(path);
	*ret_path = real;
	return 0;
}
