// SPDX-License-Identifier: MIT
/*
 * TEST: syncobj_lifetime
 * Description:
 *   What a sync object outlives, and what outlives it.
 *
 *   Each handle and each fd holds a reference (drm_syncobj_get_fd()), a sync_file made of it holds
 *   the fence alone. A broken kernel frees the object under its fd.
 *
 * SUBTEST: fd-outlives-handle
 * Description: The fd alone keeps the object with its fence; a new handle finds both.
 *
 * SUBTEST: fd-outlives-file
 * Description: The same after the drm file was closed that made the object, from another.
 *
 * SUBTEST: sync-file-outlives-syncobj
 * Description: The fence as a sync_file, the object destroyed.
 */
#include <drm.h>
#include <unistd.h>

#include "drm/file.h"
#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"

/* A signaled object in a drm file that is opened for it. */
static uint32_t open_signaled(const struct drm_device *device, struct drm_file *ret_file)
{
	drm_file_open(device, ret_file);
	syncobj_require(ret_file, false);
	return syncobj_create(ret_file, DRM_SYNCOBJ_CREATE_SIGNALED);
}

static void check_object(const struct drm_file *file, int fd)
{
	uint32_t handle = syncobj_fd_to_handle(file, fd);

	igt_assert_f(__syncobj_wait(file, handle, 0, 0, 0) == 0, "it lost its fence\n");
	close(fd);
	igt_assert_eq(__syncobj_reset(file, handle), 0);
	syncobj_destroy(file, handle);
}

static void fd_outlives_handle(const struct suite *suite, const struct drm_device *device,
			       const void *data)
{
	struct drm_file file;
	uint32_t handle;
	int fd;

	handle = open_signaled(device, &file);
	fd = syncobj_handle_to_fd(&file, handle);
	syncobj_destroy(&file, handle);
	check_object(&file, fd);
	drm_file_close(&file);
}

static void fd_outlives_file(const struct suite *suite, const struct drm_device *device,
			     const void *data)
{
	struct drm_file file;
	uint32_t handle;
	int fd;

	handle = open_signaled(device, &file);
	fd = syncobj_handle_to_fd(&file, handle);
	drm_file_close(&file);
	drm_file_open(device, &file);
	check_object(&file, fd);
	drm_file_close(&file);
}

static void sync_file_outlives_syncobj(const struct suite *suite, const struct drm_device *device,
				       const void *data)
{
	struct sync_file_state state;
	struct drm_file file;
	uint32_t handle;
	int fd;

	handle = open_signaled(device, &file);
	fd = syncobj_export_sync_file(&file, handle);
	syncobj_destroy(&file, handle);
	drm_file_close(&file);
	sync_file_wait(fd, 0);
	sync_file_info(&drm_io_kernel, fd, &state);
	igt_assert_f(state.status == 1, "status %d of a signaled fence\n", state.status);
	close(fd);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("fd-outlives-handle")
		suite_on_each_device(&suite, fd_outlives_handle, NULL);
	igt_subtest_with_dynamic("fd-outlives-file")
		suite_on_each_device(&suite, fd_outlives_file, NULL);
	igt_subtest_with_dynamic("sync-file-outlives-syncobj")
		suite_on_each_device(&suite, sync_file_outlives_syncobj, NULL);
}
