// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_leaks
 * Description: Leaves something behind on purpose, one kind in each subtest. The body passes; the
 *		ledger of live objects and the counters must fail it and name that kind. None of
 *		these may be reported as passed.
 *
 * SUBTEST: drm-file
 * Description: A drm file stays open.
 *
 * SUBTEST: gem-object
 * Description: A buffer stays, since the drm file that has a handle of it stays open.
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
 *
 * SUBTEST: fence
 * Description: An unsignaled fence of vgem's stays, since the file that made it stays open.
 *
 * SUBTEST: sync-file
 * Description: A sync_file stays open; the buffer whose fences it holds is gone.
 *
 * SUBTEST: framebuffer
 * Description: A framebuffer stays, since the file that added it stays open. Needs KMS.
 *
 * SUBTEST: syncobj
 * Description: A syncobj's fd stays open. Needs a driver with syncobjs.
 *
 * SUBTEST: module-reference
 * Description: A process left behind holds a dma-buf: nothing but its module's count and the list
 *		of dma-bufs tell of it.
 *
 * SUBTEST: fd
 * Description: A second fd of a drm file stays open.
 */
#include <linux/dma-buf.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/file.h"
#include "drm/gem.h"
#include "drm/kms.h"
#include "drm/prime.h"
#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"

static void leak_drm_file(const struct drm_device *device)
{
	struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
}

static void leak_gem_object(const struct drm_device *device)
{
	struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
	gem_create(&file, GEM_SMALL);
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

/* The first device that @fits, opened; skips where none does. */
static void open_one(const struct suite *suite, bool (*fits)(const struct drm_file *file),
		     const char *what, struct drm_file *file)
{
	for (size_t i = 0; i < suite->count; i++) {
		drm_file_open(suite->device[i].drm, file);
		if (fits(file))
			return;
		drm_file_close(file);
	}
	igt_skip("no device with %s\n", what);
}

static void leak_fence(const struct suite *suite)
{
	struct drm_file file = DRM_FILE_CLOSED;
	uint32_t handle;

	open_one(suite, vgem_has_fences, "fences to attach", &file);
	handle = gem_create(&file, GEM_SMALL);
	vgem_fence_attach(&file, handle, true);
	gem_close(&file, handle);
}

static void leak_sync_file(const struct suite *suite)
{
	_cleanup_drm_file_ struct drm_file file = DRM_FILE_CLOSED;
	uint32_t handle;
	int dmabuf;

	open_one(suite, vgem_has_fences, "fences to attach", &file);
	handle = gem_create(&file, GEM_SMALL);
	dmabuf = prime_handle_to_fd(&file, handle);
	vgem_fence_attach(&file, handle, true);
	dmabuf_export_sync_file(file.io, dmabuf, DMA_BUF_SYNC_READ);
	close(dmabuf);
}

static bool has_kms(const struct drm_file *file)
{
	struct drm_caps caps;

	drm_caps_ask(file, &caps);
	return caps.modeset;
}

static void leak_framebuffer(const struct suite *suite)
{
	struct drm_file file = DRM_FILE_CLOSED;

	open_one(suite, has_kms, "KMS", &file);
	kms_add_fb(&file, gem_create(&file, GEM_SMALL));
}

static bool has_syncobj(const struct drm_file *file)
{
	struct drm_caps caps;

	drm_caps_ask(file, &caps);
	return caps.syncobj;
}

static void leak_syncobj(const struct suite *suite)
{
	_cleanup_drm_file_ struct drm_file file = DRM_FILE_CLOSED;
	uint32_t handle;

	open_one(suite, has_syncobj, "syncobjs", &file);
	handle = syncobj_create(&file, 0);
	syncobj_handle_to_fd(&file, handle);
	syncobj_destroy(&file, handle);
}

/* In the subtest's process group: what is left of that dies with the subtest. */
static void leak_module_reference(const struct drm_device *device)
{
	int fd = lone_dma_buf(device);
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	close(fd);
}

static void leak_fd(const struct drm_device *device)
{
	_cleanup_drm_file_ struct drm_file file = DRM_FILE_CLOSED;

	drm_file_open(device, &file);
	igt_assert(dup(file.fd) >= 0);
}

igt_main
{
	static struct suite suite;

	igt_fixture
		suite_setup(&suite);

	igt_subtest("drm-file")
		leak_drm_file(suite.device[0].drm);

	igt_subtest("gem-object")
		leak_gem_object(suite.device[0].drm);

	igt_subtest("flink-name")
		leak_flink_name(suite.device[0].drm);

	igt_subtest("dma-buf")
		lone_dma_buf(suite.device[0].drm);

	igt_subtest("dma-buf-mapping")
		leak_mapping(suite.device[0].drm);

	igt_subtest("fence")
		leak_fence(&suite);

	igt_subtest("sync-file")
		leak_sync_file(&suite);

	igt_subtest("framebuffer")
		leak_framebuffer(&suite);

	igt_subtest("syncobj")
		leak_syncobj(&suite);

	igt_subtest("module-reference")
		leak_module_reference(suite.device[0].drm);

	igt_subtest("fd")
		leak_fd(suite.device[0].drm);
}
