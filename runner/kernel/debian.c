// SPDX-License-Identifier: MIT
#include "kernel/debian.h"

#include "diag.h"

#include <errno.h>
int debian_kernel(const struct kernel_request *req, const char *version, struct kernel *ret,
		  struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOSYS, "later");
}
