// SPDX-License-Identifier: MIT
#include "prove/kernels.h"

#include <errno.h>

int kernel_range_parse(const char *s, struct kernel_range *ret)
{
	struct kernel_range r = { 0 };

	if (kernel_version_parse(s, &r.first, &s) || *s++ != '-')
		return -EINVAL;
	if (*s && (kernel_version_parse(s, &r.last, &s) || *s ||
		   kernel_version_compare(r.last, r.first) < 0))
		return -EINVAL;
	*ret = r;
	return 0;
}

bool kernel_range_has(const struct kernel_range *range, struct kernel_version version)
{
	return kernel_version_compare(version, range->first) >= 0 &&
	       (!range->last.major || kernel_version_compare(version, range->last) <= 0);
}
