/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_DEB_H
#define RUNNER_FETCH_DEB_H

/*
 * Unpacks the files of a .deb that lie below one of @prefixes ("usr/bin/igt_", NULL-terminated)
 * into @folder. Owners, dates and set-id bits are dropped; a name that leaves @folder is an error.
 * Folders that Debian has merged into /usr are not treated specially. 0, -EBADMSG for a damaged
 * package, -errno.
 */
int deb_unpack(const char *deb, const char *const *prefixes, const char *folder);

#endif
