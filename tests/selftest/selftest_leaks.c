// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_leaks
 * Description: Leaves something behind on purpose, one kind in each subtest. The body passes; the
 *		ledger of live objects must fail it and name that kind. None of these may be
 *		reported as passed.
 *
 * SUBTEST: drm-file
 * Description: A drm file stays open.
 *
 * SUBTEST: flink-name
 * Description: A buffer keeps its name, since its handle stays open.
 *
 * SUBTEST: dma-buf
 * Description: A dma-buf's fd stays open, everything else is closed.
 *
 * SUBTEST: dma-buf-mapping
 * Description: A dma-buf stays mapped; its fd, its handle and the file are closed. No fd tells of
 *		it any more.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "drm/file.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"

static void leak_drm_file(const struct drm_device *device)
{
	struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
}

static void leak_flink_name(const struct drm_device *device)
{
	struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
	gem_flink(&file, gem_create(&file, GEM_SMALL));
}

/* The fd of a dma-buf whose handle and file are closed. */
static int lone_dma_buf(const struct drm_device *device)
{
	_cleanup_drm_file_ struct drm_file file = DRM_FILE_CLOSED;
	uint32_t handle;
	int fd;

	drm_file_open(device, &file);
	handle = gem_create(&file, GEM_SMALL);
	fd = prime_handle_to_fd(&file, handle);
	gem_close(&file, handle);
	return fd;
}

static void leak_mapping(const struct drm_device *device)
{
	int fd = lone_dma_buf(device);

	igt_require_f(mmap(NULL, GEM_SMALL, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED,
		      "this driver's dma-bufs cannot be mapped\n");
	close(fd);
}

igt_main
{
	static struct suite suite;

	igt_fixture
		suite_setup(&suite);

	igt_subtest("drm-file")
		leak_drm_file(suite.device[0].drm);

	igt_subtest("flink-name")
		leak_flink_name(suite.device[0].drm);

	igt_subtest("dma-buf")
		lone_dma_buf(suite.device[0].drm);

	igt_subtest("dma-buf-mapping")
		leak_mapping(suite.device[0].drm);
}
