// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_census
 * Description: Leaves a buffer behind on purpose, with the census that notes stacks. The report
 *		must tell who made it, where, and when.
 *
 * SUBTEST: gem-object
 * Description: A buffer stays, since the drm file that has a handle of it stays open.
 */
#include <stdlib.h>

#include "drm/file.h"
#include "drm/gem.h"
#include "igt/subtest.h"
#include "suite/suite.h"

static void leak_gem_object(const struct drm_device *device)
{
	struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
	gem_create(&file, GEM_SMALL);
}

igt_main
{
	static struct suite suite;

	igt_fixture {
		setenv("GEMRACE_CENSUS", "stacks", true);
		suite_setup(&suite);
	}

	igt_subtest("gem-object")
		leak_gem_object(suite.device[0].drm);
}
