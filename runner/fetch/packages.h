/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_PACKAGES_H
#define RUNNER_FETCH_PACKAGES_H

#include "fetch/apt.h"

/*
 * Unpacked packages, in the cache. Each folder is named by what apt says about the files in it
 * (their names, sizes and hashes), is complete or does not exist, and is never changed.
 */
struct packages_request {
	const char *const *names;    /* NULL-terminated */
	const char *const *prefixes; /* what to unpack: see deb_unpack() */
	bool closure;                /* with all they depend on */
};

/* Finds or makes the folder. The caller frees *@ret_folder and holds the cache's lock. */
int packages_fetch(struct apt *apt, const char *cache, const struct packages_request *req,
		   char **ret_folder, struct diag *d);

/*
 * What an earlier run found under a name ("debian-6.12", "igt"): the folder and a line for people.
 * The caller frees both. -ENOENT when there is nothing, or no longer.
 */
int packages_recall(const char *cache, const char *name, char **ret_folder, char **ret_text);
int packages_remember(const char *cache, const char *name, const char *folder, const char *text);

/*
 * Takes the lock under which this cache is filled. Returns its descriptor; close() lets go. -errno
 * with @d filled in.
 */
int packages_lock(const char *cache, const struct notifier *notifier, struct diag *d);

#endif
