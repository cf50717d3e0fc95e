// SPDX-License-Identifier: MIT
#include "suite/name_check.h"

#include <errno.h>
#include <string.h>

#include "drm/gem.h"

int name_check_reaped(const struct drm_file *file, uint32_t name, struct race_why *why)
{
	uint32_t handle;
	int ret = __gem_open(file, name, &handle, NULL);

	if (ret == -ENOENT)
		return 0;
	if (!ret)
		__gem_close(file, handle);
	return race_why(why, "name %u outlived the last handle: GEM_OPEN gives %s", name,
			ret ? strerror(-ret) : "a handle");
}

int name_check_kept(const struct drm_file *file, uint32_t handle, uint32_t name,
		    struct race_why *why)
{
	uint32_t again;
	int ret = __gem_open(file, name, &again, NULL);

	if (ret)
		return race_why(why, "the object lost its name %u: GEM_OPEN gives %s", name,
				strerror(-ret));
	__gem_close(file, again);
	ret = __gem_flink(file, handle, &again);
	if (ret)
		return race_why(why, "GEM_FLINK of the object: %s", strerror(-ret));
	if (name != again)
		return race_why(why, "the object changed its name from %u to %u", name, again);
	return 0;
}
