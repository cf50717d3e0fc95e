// SPDX-License-Identifier: MIT
#include "fetch/packages.h"

#include "diag.h"
#include "fetch/deb.h"
#include "fetch/file.h"
#include "fetch/space.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Long enough for another gemrace to fetch a kernel over a slow line. */
#define LOCK_TIMEOUT_S 1800
/* Free space asked for, in sizes of the download: for itself and for what is taken out of it. */
#define ROOM 3

struct download {
	char **files; /* names of the .deb files */
	size_t count;
	double mib;
};

static void download_finish(struct download *dl)
{
	for (size_t i = 0; i < dl->count; i++)
		free(dl->files[i]);
	free(dl->files);
}

/* Takes the second and third word of each "'URI' FILE SIZE HASH" line. */
static int parse_uris(const char *uris, struct download *ret)
{
	struct download dl = { 0 };
	_cleanup_free_ char *copy = strdup(uris);
	char *line, *next = copy;

	while ((line = strsep(&next, "\n"))) {
		char file[512], **bigger;
		double size;

		if (sscanf(line, "'%*[^']' %511s %lf", file, &size) != 2 || strchr(file, '/'))
			continue;
		bigger = realloc(dl.files, (dl.count + 1) * sizeof(*bigger));
		if (!bigger) {
			download_finish(&dl);
			return -ENOMEM;
		}
		dl.files = bigger;
		dl.files[dl.count++] = strdup(file);
		dl.mib += size / (1 << 20);
	}
	if (!dl.count)
		return -ENOENT;
	*ret = dl;
	return 0;
}

static int unpack_all(const struct download *dl, const char *archives, const char *const *prefixes,
		      const char *folder, struct diag *d)
{
	for (size_t i = 0; i < dl->count; i++) {
		_cleanup_free_ char *deb = text_printf("%s/%s", archives, dl->files[i]);
		int err = deb ? deb_unpack(deb, prefixes, folder) : -ENOMEM;

		if (err)
			return diag_set(d, GEMRACE_HARNESS, -err, "unpacking %s: %s", dl->files[i],
					strerror(-err));
	}
	return 0;
}

static void remove_all(const struct download *dl, const char *archives)
{
	for (size_t i = 0; i < dl->count; i++) {
		_cleanup_free_ char *deb = text_printf("%s/%s", archives, dl->files[i]);

		if (deb)
			unlink(deb);
	}
}

static int fetch(struct apt *apt, const struct packages_request *req, const struct download *dl,
		 const char *folder, struct diag *d)
{
	_cleanup_free_ char *temp = text_printf("%s.XXXXXX", folder), *archives = NULL;
	char line[256];
	int err, bad;

	if (!temp || !mkdtemp(temp))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", folder, strerror(errno));
	snprintf(line, sizeof(line), "fetching %s%s (%.0f MB)", req->names[0],
		 dl->count > 1 ? " and what belongs to it" : "", dl->mib);
	err = space_check(temp, (unsigned int)(dl->mib * ROOM), req->names[0], d);
	if (!err) {
		notify(apt->notifier, line);
		err = apt_download(apt, req->names, req->closure, &archives);
	}
	if (!err)
		err = unpack_all(dl, archives, req->prefixes, temp, d);
	bad = err ? 0 : file_publish(temp, folder);
	if (bad)
		err = diag_set(d, GEMRACE_HARNESS, -bad, "%s: %s", folder, strerror(-bad));
	if (archives)
		remove_all(dl, archives);
	if (err)
		file_remove_tree(temp);
	return err;
}

int packages_fetch(struct apt *apt, const char *cache, const struct packages_request *req,
		   char **ret_folder, struct diag *d)
{
	_cleanup_free_ char *uris = NULL, *real = realpath(cache, NULL), *parent = NULL;
	_cleanup_free_ char *folder = NULL;
	struct download dl = { 0 };
	unsigned long long hash;
	int err;

	err = apt_uris(apt, req->names, req->closure, &uris);
	if (err || !*uris) {
		/* The lists may be older than the archive. */
		free(uris);
		uris = NULL;
		err = apt_update(apt);
		err = err ? err : apt_uris(apt, req->names, req->closure, &uris);
	}
	if (err)
		return err;
	hash = hash_bytes(HASH_START, uris, strlen(uris));
	for (const char *const *p = req->prefixes; *p; p++)
		hash = hash_bytes(hash, *p, strlen(*p) + 1);
	parent = real ? text_printf("%s/packages", real) : NULL;
	folder = parent ? text_printf("%s/%s-%016llx", parent, req->names[0], hash) : NULL;
	err = folder ? file_make_folder(parent) : -ENOMEM;
	err = err ? err : parse_uris(uris, &dl);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "package %s: %s", req->names[0],
				strerror(-err));
	if (access(folder, F_OK))
		err = fetch(apt, req, &dl, folder, d);
	download_finish(&dl);
	if (err)
		return err;
	*ret_folder = folder;
	folder = NULL;
	return 0;
}

int packages_recall(const char *cache, const char *name, char **ret_folder, char **ret_text)
{
	_cleanup_free_ char *path = text_printf("%s/known/%s", cache, name), *text = NULL;
	char *folder, *line, *next;
	int err;

	err = path ? file_read(path, &text, NULL) : -ENOMEM;
	if (err)
		return err;
	next = text;
	folder = strsep(&next, "\n");
	line = next ? strsep(&next, "\n") : NULL;
	if (!line || access(folder, R_OK | X_OK))
		return -ENOENT;
	folder = strdup(folder);
	line = strdup(line);
	if (!folder || !line) {
		free(folder);
		free(line);
		return -ENOMEM;
	}
	*ret_folder = folder;
	*ret_text = line;
	return 0;
}

int packages_remember(const char *cache, const char *name, const char *folder, const char *text)
{
	_cleanup_free_ char *parent = text_printf("%s/known", cache);
	_cleanup_free_ char *path = text_printf("%s/known/%s", cache, name);
	_cleanup_free_ char *content = text_printf("%s\n%s\n", folder, text);
	int err;

	err = parent && path && content ? file_make_folder(parent) : -ENOMEM;
	return err ? err : file_write_atomically(path, content, strlen(content));
}

int packages_lock(const char *cache, const struct notifier *notifier, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s/lock", cache);
	int fd = path ? file_lock(path, 0) : -ENOMEM;

	if (fd == -ETIMEDOUT) {
		notify(notifier, "waiting for another gemrace that fills the cache");
		fd = file_lock_until(path, LOCK_TIMEOUT_S, notifier_cancel_fd(notifier));
	}
	if (fd < 0)
		return diag_set(d, GEMRACE_HARNESS, -fd, "cache %s: %s", cache, strerror(-fd));
	return fd;
}
