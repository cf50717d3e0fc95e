// SPDX-License-Identifier: MIT
#include "igt/attachment.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "igt/state.h"

static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

FILE *igt_attachment_open(const char *name)
{
	const char *subtest = igt_state.subtest, *dynamic = igt_state.dynamic;
	const char *folder = getenv("IGT_RUNNER_ATTACHMENTS_DIR");
	char path[PATH_MAX];
	int n;

	if (!folder || !*folder)
		folder = getenv("GEMRACE_ATTACHMENTS");
	if (!folder || !*folder) {
		errno = ENOENT;
		return NULL;
	}
	if (!*name || name[strspn(name, allowed)]) {
		errno = EINVAL;
		return NULL;
	}
	n = snprintf(path, sizeof(path), "%s/%s%s%s%s%s.%s", folder, igt_state.test,
		     *subtest ? "@" : "", subtest, *dynamic ? "@" : "", dynamic, name);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, "we");
}
