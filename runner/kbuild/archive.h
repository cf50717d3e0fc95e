/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KBUILD_ARCHIVE_H
#define RUNNER_KBUILD_ARCHIVE_H

#include "kernel/kernel.h"

/*
 * Unpacks a source archive (tar, compressed in any way libarchive knows) below @cache, once for
 * every content. *@ret_tree is the one folder it holds; the caller frees it. A file that is no
 * archive, is damaged or holds anything else is GEMRACE_USAGE; no space is GEMRACE_HARNESS; a
 * readable @cancel_fd ends it with -EINTR. 0 or -errno with @d filled in; what was unpacked halfway
 * is never taken for whole.
 */
int source_archive_unpack(const char *archive, const char *cache, int cancel_fd,
			  const struct notifier *notifier, char **ret_tree, struct diag *d);

#endif
