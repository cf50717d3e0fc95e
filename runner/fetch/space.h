/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_FETCH_SPACE_H
#define RUNNER_FETCH_SPACE_H

struct diag;

/*
 * Whether @mib MiB are free for us where the existing @folder is; if not, -ENOSPC with @d filled in
 * (GEMRACE_HARNESS), saying that @what needs them.
 */
int space_check(const char *folder, unsigned int mib, const char *what, struct diag *d);

#endif
