// SPDX-License-Identifier: MIT
#include "fetch/space.h"

#include "diag.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

int space_check(const char *folder, unsigned int mib, const char *what, struct diag *d)
{
	unsigned long long free_mib;
	struct statvfs fs;

	if (statvfs(folder, &fs))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", folder, strerror(errno));
	free_mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
	if (free_mib < mib)
		return diag_set(d, GEMRACE_HARNESS, ENOSPC,
				"no space: %s needs about %u MiB in %s, %llu MiB are free", what,
				mib, folder, free_mib);
	return 0;
}
