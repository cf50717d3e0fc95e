// SPDX-License-Identifier: MIT
#include "guest/image.h"

#include "diag.h"
#include "exec/igt.h"
#include "fetch/file.h"
#include "fetch/packages.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = { "igt-gpu-tools", "dash", NULL };
static const char *const files[] = { "usr/lib/x86_64-linux-gnu/", "usr/lib64/", "usr/bin/igt_",
				     "usr/bin/dash", NULL };

/* Packages no longer hold the links that make / and /usr one. */
static const struct {
	const char *name, *target;
} links[] = {
	{ "lib64", "usr/lib64" },
	{ "lib", "usr/lib" },
	{ "bin", "usr/bin" },
};

static int fetch(const char *cache, const struct notifier *notifier, char **ret_root,
		 struct diag *d)
{
	const struct packages_request req = { .names = names, .prefixes = files, .closure = true };
	struct apt apt = { 0 };
	int err;

	/* 2.5 is in no stable release yet. */
	err = apt_open(cache, APT_UNSTABLE, notifier, &apt, d);
	if (err)
		return err;
	err = packages_fetch(&apt, cache, &req, ret_root, d);
	apt_close(&apt);
	for (size_t i = 0; !err && i < sizeof(links) / sizeof(*links); i++) {
		_cleanup_free_ char *path = text_printf("%s/%s", *ret_root, links[i].name);

		if (!path || (symlink(links[i].target, path) && errno != EEXIST))
			err = diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", *ret_root,
				       strerror(errno));
	}
	return err;
}

static int resolve(const char *cache, const struct notifier *notifier, char **ret_root,
		   struct diag *d)
{
	_cleanup_free_ char *text = NULL, *root = NULL;
	_cleanup_close_ int lock = -1;
	int err;

	if (!packages_recall(cache, "igt", ret_root, &text))
		return 0;
	lock = packages_lock(cache, notifier, d);
	if (lock < 0)
		return lock;
	if (!packages_recall(cache, "igt", ret_root, &text))
		return 0;
	err = fetch(cache, notifier, &root, d);
	if (err)
		return err;
	err = packages_remember(cache, "igt", root, "igt-gpu-tools");
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "cache %s: %s", cache, strerror(-err));
	*ret_root = root;
	root = NULL;
	return 0;
}

int igt_root_resolve(const char *cache, const struct notifier *notifier, char **ret_root,
		     struct diag *d)
{
	_cleanup_free_ char *own = NULL, *text = NULL;
	struct diag why = { .status = GEMRACE_HARNESS }, ignored;
	int err = resolve(cache, notifier, ret_root, &why);

	if (!err)
		return 0;
	if (err == -EINTR) {
		*d = why;
		return err;
	}
	if (igt_find(NULL, &own, &ignored) || !own)
		return diag_set(d, why.status, -err,
				"no igt_runner on PATH, and it cannot be fetched: %s", why.text);
	text = text_printf("igt_runner cannot be fetched (%s): taking %s", why.text, own);
	notify(notifier, text ? text : "taking the machine's own igt_runner");
	*ret_root = strdup("");
	return *ret_root ? 0 : -ENOMEM;
}
