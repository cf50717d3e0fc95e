// SPDX-License-Identifier: MIT
#include "kernel/debian.h"

#include "diag.h"
#include "fetch/file.h"
#include "fetch/packages.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Flavours and companions of linux-image-VERSION-amd64 that are not what we boot. */
static const char *const unwanted[] = { "-cloud-amd64", "-rt-amd64" };

static const char *const kernel_files[] = { "boot/", "lib/modules/", "usr/lib/modules/", NULL };

char *debian_pick_image(const char *names, const char *version)
{
	static const char prefix[] = "linux-image-";
	_cleanup_free_ char *copy = strdup(names);
	char *line, *next = copy;
	const char *best = NULL;

	while ((line = strsep(&next, "\n"))) {
		const char *rest = line + strlen(prefix);
		bool wanted = text_starts(line, prefix) && text_ends(line, "-amd64");

		for (size_t i = 0; i < sizeof(unwanted) / sizeof(*unwanted); i++)
			wanted = wanted && !text_ends(line, unwanted[i]);
		/* linux-image-amd64 and linux-image-6.12-amd64 only point to another package. */
		if (!wanted || strspn(rest, "0123456789.") < strlen("1.2.3") ||
		    !strchr(rest, '.') || strchr(rest, '.') == strrchr(rest, '.'))
			continue;
		/* 6.1 must not take 6.12. */
		if (version && (!text_starts(rest, version) ||
				(rest[strlen(version)] != '.' && rest[strlen(version)] != '-' &&
				 rest[strlen(version)] != '+')))
			continue;
		if (!best || strverscmp(line, best) > 0)
			best = line;
	}
	return best ? strdup(best) : NULL;
}

/* Newer images come in parts: the kernel and the modules are packages that the image depends on. */
static int find_parts(struct apt *apt, const char *image, char *parts[3], struct diag *d)
{
	static const char *const kinds[] = { "linux-binary-", "linux-modules-" };
	_cleanup_free_ char *text = NULL;
	char *line, *next;
	size_t n = 0;
	int err;

	err = apt_depends(apt, image, &text);
	for (next = text; !err && (line = strsep(&next, "\n"));) {
		char *name = strstr(line, "Depends: ");

		for (size_t i = 0; name && i < 2 && n < 2; i++) {
			if (text_starts(name + strlen("Depends: "), kinds[i]))
				parts[n++] = strdup(name + strlen("Depends: "));
		}
	}
	if (!err && !n)
		parts[n++] = strdup(image);
	return err;
}

static int fetch_image(struct apt *apt, const struct kernel_request *req, const char *image,
		       char **ret_folder, struct diag *d)
{
	char *parts[3] = { NULL };
	struct packages_request packages = { .names = (const char *const *)parts,
					     .prefixes = kernel_files };
	int err;

	err = find_parts(apt, image, parts, d);
	if (!err)
		err = packages_fetch(apt, req->cache, &packages, ret_folder, d);
	for (size_t i = 0; i < 3; i++)
		free(parts[i]);
	return err;
}

/* -ENOENT when these suites have no such kernel. */
static int fetch_from(enum apt_suites suites, const struct kernel_request *req, const char *version,
		      char **ret_folder, char **ret_image, struct diag *d)
{
	_cleanup_free_ char *names = NULL, *prefix = NULL, *image = NULL;
	struct apt apt = { 0 };
	int err;

	prefix = text_printf("linux-image-%s", version ? version : "");
	err = apt_open(req->cache, suites, &req->notifier, &apt, d);
	if (err)
		return err;
	err = apt_names(&apt, prefix ? prefix : "linux-image-", &names);
	if (!err) {
		image = debian_pick_image(names, version);
		err = image ? fetch_image(&apt, req, image, ret_folder, d) : -ENOENT;
	}
	apt_close(&apt);
	if (!err) {
		*ret_image = image;
		image = NULL;
	}
	return err;
}

static int fetch(const struct kernel_request *req, const char *version, const char *known,
		 char **ret_folder, char **ret_text, struct diag *d)
{
	_cleanup_free_ char *folder = NULL, *image = NULL, *text = NULL;
	_cleanup_close_ int lock = packages_lock(req->cache, &req->notifier, d);
	int err;

	if (lock < 0)
		return lock;
	/* Another gemrace may have fetched it while we waited. */
	if (!packages_recall(req->cache, known, ret_folder, ret_text))
		return 0;
	diag_set(d, GEMRACE_USAGE, ENOENT, "no linux-image %s in Debian's archive",
		 version ? version : "");
	err = fetch_from(APT_CONFIGURED, req, version, &folder, &image, d);
	if (err == -ENOENT && version)
		err = fetch_from(APT_UNSTABLE, req, version, &folder, &image, d);
	if (err)
		return err;
	text = text_printf("debian:%s (%s)", version ? version : "newest", image);
	err = text ? packages_remember(req->cache, known, folder, text) : -ENOMEM;
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "cache %s: %s", req->cache,
				strerror(-err));
	*ret_folder = folder;
	*ret_text = text;
	folder = text = NULL;
	return 0;
}

int debian_kernel(const struct kernel_request *req, const char *version, struct kernel *ret,
		  struct diag *d)
{
	_cleanup_free_ char *known = NULL, *folder = NULL, *text = NULL;
	struct kernel kernel;
	int err;

	if (version && (!*version || strspn(version, "0123456789.") != strlen(version)))
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"kernel 'debian:%s': expected a version such as debian:6.12",
				version);
	known = text_printf("debian-%s", version ? version : "newest");
	err = known ? packages_recall(req->cache, known, &folder, &text) : -ENOMEM;
	if (err)
		err = fetch(req, version, known, &folder, &text, d);
	if (err)
		return err;
	err = kernel_from_folder(folder, &kernel, d);
	if (err)
		return err;
	free(kernel.origin);
	kernel.origin = text;
	text = NULL;
	*ret = kernel;
	return 0;
}
