/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_APT_H
#define RUNNER_FETCH_APT_H

#include "kernel/kernel.h"

#include <stdbool.h>

struct diag;

/*
 * apt with a configuration, lists and downloads of its own in the cache folder: it looks into the
 * archive and fetches, and neither needs root nor installs or changes anything on this machine. The
 * hashes and signatures of what comes are apt's business.
 */
enum apt_suites {
	APT_CONFIGURED, /* the Debian suites this machine is configured for */
	APT_UNSTABLE,   /* sid, from the same mirror */
};

struct apt {
	char *folder;
	char *options[32]; /* "-o", "Key=value", ...; NULL-terminated */
	size_t option_count;
	const struct notifier *notifier;
	struct diag *d;
};

/*
 * Prepares one set of suites in @cache and fetches their lists when there are none yet; lists older
 * than six hours are fetched again if that can be done. What fails here or later fills in @d
 * (GEMRACE_HARNESS). 0 or -errno.
 */
int apt_open(const char *cache, enum apt_suites suites, const struct notifier *notifier,
	     struct apt *ret, struct diag *d);
void apt_close(struct apt *apt);

/* Fetches the lists anew. */
int apt_update(struct apt *apt);

/* Names of all packages that begin with @prefix, one a line; the caller frees. */
int apt_names(struct apt *apt, const char *prefix, char **ret_names);

/* "Depends: NAME" lines of a package; the caller frees. */
int apt_depends(struct apt *apt, const char *package, char **ret_text);

/*
 * Says what fetching @packages (NULL-terminated) would download, one "'URI' FILE SIZE HASH" a line:
 * with all that they depend on if @closure. The caller frees.
 */
int apt_uris(struct apt *apt, const char *const *packages, bool closure, char **ret_uris);

/* Downloads the same; the files are in *@ret_folder (the caller frees the string). */
int apt_download(struct apt *apt, const char *const *packages, bool closure, char **ret_folder);

/*
 * Reads apt's list of targets, one "ORIGIN URI SUITE COMPONENT" a line, and writes the sources of
 * Debian's archive among them, or sid's from the same mirror, as sources.list lines. NULL when
 * there is no such target or memory is short; the caller frees.
 */
char *apt_sources(const char *targets, enum apt_suites suites, const char *keyring);

#endif
