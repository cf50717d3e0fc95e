// SPDX-License-Identifier: MIT
/*
 * TEST: fence_module_unload
 * Description:
 *   A fence whose module is unloaded.
 *
 *   A sync_file, a reservation or a sync object holds a reference on the fence and on nothing else:
 *   neither its module nor its device. Whoever comes later calls the issuer's names, deadline and
 *   release, takes its lock, or fires its timer, all of which may have gone. Since Linux 7.2
 *   (541c8f2468b9) a fence lets go of its issuer when it is signaled, but only one that has no
 *   release callback and a lock of its own: vgem's has a release callback and a timer that runs on
 *   behind the signal, a CRTC's has the device's lock. Each subtest lets one holder outlive the
 *   module and does one thing with it. A kernel is right when the unload is refused, or when
 *   nothing happens. Each subtest can be the kernel's end.
 *
 * SUBTEST: sync-file-close
 * Destructive: the release callback of the fence is in the unloaded module
 * Description: Closing a sync_file of a fence that was signaled before the unload.
 *
 * SUBTEST: sync-file-info
 * Destructive: the names of the fence are in the unloaded module
 * Description: SYNC_IOC_FILE_INFO, which asks for the names, then closing.
 *
 * SUBTEST: sync-file-deadline
 * Destructive: the ops of the fence are in the unloaded module
 * Description: SYNC_IOC_SET_DEADLINE, then closing.
 *
 * SUBTEST: sync-file-timer
 * Destructive: the timer of the fence is due in the unloaded module
 * Description: Nothing at all until ten seconds after the fence was made.
 *
 * SUBTEST: sync-file-uses
 * Destructive: the release callback of the fence is in the unloaded module
 * Description:
 *   What does not need the issuer once the fence is signaled: poll, merge, import to another
 *   exporter's reservation, export from there. Polled before the unload, too. Then closing.
 *
 * SUBTEST: merged-info
 * Destructive: the names of the fences are in the unloaded module
 * Description: SYNC_IOC_FILE_INFO on two fences merged while they were not signaled.
 *
 * SUBTEST: parked-close
 * Destructive: the release callback of the fence is in the unloaded module
 * Description: The fence only in the reservation of another exporter's dma-buf, which is closed.
 *
 * SUBTEST: parked-bufinfo
 * Destructive: the names of the fence are in the unloaded module
 * Description: The same, with somebody reading dma_buf/bufinfo in debugfs.
 *
 * SUBTEST: syncobj-export
 * Destructive: the names of the fence are in the unloaded module
 * Description: The fence only in a sync object of another driver, exported from there and asked.
 *
 * SUBTEST: matrix
 * Destructive: the ops of the fences are in the unloaded module
 * Profile: full
 * Description:
 *   Fences that were signaled, by the ioctl or by their own ten seconds, polled before that or not,
 *   alone or merged: each step on each, as dynamic subtests. No timer is left. Not in the quick
 *   profile, for it takes those ten seconds.
 *
 * SUBTEST: out-fence-info
 * Destructive: the lock of the fence is in memory of the device that went
 * Description: SYNC_IOC_FILE_INFO and poll on the out-fence of a commit, its driver unloaded.
 *
 * SUBTEST: out-fence-close-without-drm
 * Destructive: the ops of the fence are in the unloaded drm.ko
 * Description: Closing an out-fence with all of drm unloaded.
 *
 * SUBTEST: syncobj-fd-close-without-drm
 * Destructive: the release of a sync object's file is in the unloaded drm.ko
 * Description: Closing the fd of a sync object, which holds no module, with all of drm unloaded.
 */
#include <errno.h>
#include <linux/dma-buf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/exporter.h"
#include "drm/file.h"
#include "drm/gem.h"
#include "drm/out_fence.h"
#include "drm/prime.h"
#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/orphan.h"
#include "suite/suite.h"
#include "suite/unload.h"
#include "sys/file.h"

/* ---- what holds the fence ---- */

enum holder {
	IN_SYNC_FILE,
	IN_MERGED,      /* with another */
	IN_RESERVATION, /* of another exporter, and nowhere else */
	IN_SYNCOBJ,     /* of another driver, and nowhere else */
};

enum state {
	SIGNALED_BY_CLOSE, /* of the drm file that made it */
	SIGNALED,          /* by the ioctl */
	POLLED,            /* before it was signaled */
};

enum {
	PARKS = 1 << 0, /* wants another exporter's dma-buf */
};

struct unload_case {
	const char *name;
	enum holder holder;
	enum state state;
	unsigned int flags;
	const struct orphan_step *steps[6];
};

static const struct unload_case cases[] = {
	{ "sync-file-close", IN_SYNC_FILE, SIGNALED, 0, { 0 } },
	{ "sync-file-info", IN_SYNC_FILE, SIGNALED_BY_CLOSE, 0, { &orphan_info } },
	{ "sync-file-deadline", IN_SYNC_FILE, SIGNALED_BY_CLOSE, 0, { &orphan_deadline } },
	{ "sync-file-timer", IN_SYNC_FILE, SIGNALED, 0, { &orphan_timer } },
	{ "sync-file-uses",
	  IN_SYNC_FILE,
	  POLLED,
	  PARKS,
	  { &orphan_poll, &orphan_merge, &orphan_import, &orphan_export } },
	{ "merged-info", IN_MERGED, SIGNALED_BY_CLOSE, 0, { &orphan_poll, &orphan_info } },
	{ "parked-close", IN_RESERVATION, SIGNALED_BY_CLOSE, PARKS, { 0 } },
	{ "parked-bufinfo", IN_RESERVATION, SIGNALED_BY_CLOSE, PARKS, { &orphan_bufinfo } },
	{ "syncobj-export", IN_SYNCOBJ, SIGNALED_BY_CLOSE, 0, { &orphan_syncobj, &orphan_info } },
};

/* The first device that is not of @driver and has what is asked for, opened. */
static const struct drm_device *open_other(const struct suite *suite, const char *driver,
					   bool syncobj, struct drm_file *ret_file)
{
	struct drm_caps caps;

	for (size_t i = 0; i < suite->count; i++) {
		const struct drm_device *device = suite->device[i].drm;

		if (!strcmp(device->driver, driver))
			continue;
		drm_file_open(device, ret_file);
		drm_caps_ask(ret_file, &caps);
		if (syncobj ? caps.syncobj : caps.prime_export)
			return device;
		drm_file_close(ret_file);
	}
	return NULL;
}

/* A dma-buf that does not need the module: udmabuf's, else another driver's. */
static int other_exporter(const struct suite *suite)
{
	int fd = -1, ret = __udmabuf_create(&drm_io_kernel, GEM_SMALL, &fd);
	const struct drm_device *device;
	struct drm_file file;

	if (!ret)
		return fd;
	device = open_other(suite, "vgem", false, &file);
	igt_require_f(device, "no other exporter: no udmabuf (%s), no other driver\n",
		      strerror(-ret));
	fd = prime_handle_to_fd(&file, gem_create(&file, GEM_SMALL));
	drm_file_close(&file);
	return fd;
}

static const struct drm_device *find_vgem(const struct suite *suite)
{
	for (size_t i = 0; i < suite->count; i++)
		if (!strcmp(suite->device[i].drm->driver, "vgem"))
			return suite->device[i].drm;
	igt_skip("no vgem here: its fences are the ones a test can make\n");
}

/* A new buffer's fence as a sync_file. */
static int new_fence(const struct drm_file *file, uint32_t *ret_fence)
{
	uint32_t handle = gem_create(file, GEM_SMALL);
	int dmabuf = prime_handle_to_fd(file, handle), fd = -1, ret;

	*ret_fence = vgem_fence_attach(file, handle, true);
	ret = __dmabuf_export_sync_file(&drm_io_kernel, dmabuf, DMA_BUF_SYNC_RW, &fd);
	igt_require_f(ret != -ENOTTY, "no DMA_BUF_IOCTL_EXPORT_SYNC_FILE in this kernel\n");
	igt_assert_f(ret == 0, "DMA_BUF_IOCTL_EXPORT_SYNC_FILE: %s\n", strerror(-ret));
	igt_assert_eq(__sync_file_wait(fd, 0), 0);
	close(dmabuf);
	return fd;
}

static void hand_over(struct orphan *orphan, const struct drm_file *file, enum holder holder)
{
	uint32_t fence;
	int other, merged;

	switch (holder) {
	case IN_SYNC_FILE:
		return;
	case IN_MERGED:
		other = new_fence(file, &fence);
		merged = sync_file_merge(&drm_io_kernel, orphan->fd, other);
		close(other);
		close(orphan->fd);
		orphan->fd = merged;
		return;
	case IN_RESERVATION:
		orphan_import.run(orphan);
		break;
	case IN_SYNCOBJ:
		orphan->syncobj = syncobj_create(&orphan->other, 0);
		syncobj_import_sync_file(&orphan->other, orphan->syncobj, orphan->fd);
		break;
	}
	sys_closep(&orphan->fd);
}

static void bring_to(struct orphan *orphan, const struct drm_file *file, uint32_t fence,
		     enum state state)
{
	if (state == POLLED)
		igt_assert_eq(__sync_file_wait(orphan->fd, 0), 0);
	else if (state == SIGNALED)
		vgem_fence_signal(file, fence);
}

static void make_fence(struct orphan *orphan, const struct unload_case *unload_case)
{
	struct drm_file file;
	uint32_t fence;

	drm_file_open(orphan->unload.device, &file);
	drm_require_prime(&file);
	orphan_made(orphan);
	orphan->fd = new_fence(&file, &fence);
	if (unload_case->steps[0] == &orphan_deadline)
		igt_require_f(__sync_file_set_deadline(&drm_io_kernel, orphan->fd, 1) != -ENOTTY,
			      "no SYNC_IOC_SET_DEADLINE in this kernel\n");
	hand_over(orphan, &file, unload_case->holder);
	bring_to(orphan, &file, fence, unload_case->state);
	drm_file_close(&file);
}

static void run_case(const struct suite *suite, const struct unload_case *unload_case)
{
	struct orphan orphan = ORPHAN_INIT;

	unload_require(&orphan.unload, find_vgem(suite));
	if (unload_case->flags & PARKS)
		orphan.parked = other_exporter(suite);
	if (unload_case->holder == IN_SYNCOBJ)
		igt_require_f(open_other(suite, "vgem", true, &orphan.other),
			      "no other driver with sync objects\n");
	make_fence(&orphan, unload_case);
	if (orphan_take_module(&orphan)) {
		for (size_t i = 0; unload_case->steps[i]; i++)
			orphan_step(&orphan, unload_case->steps[i]);
		orphan_step(&orphan, &orphan_close);
	}
	unload_put_back(&orphan.unload);
}

/* ---- all states and all steps ---- */

enum {
	ROW_SIGNALED = 1 << 0, /* by the ioctl; else by the ten seconds */
	ROW_POLLED = 1 << 1,
	ROW_MERGED = 1 << 2, /* with one that the ten seconds signal */
	ROWS = 1 << 3,
};

static const struct {
	const char *name;
	const struct orphan_step *step;
} columns[] = {
	{ "info", &orphan_info },     { "poll", &orphan_poll },
	{ "merge", &orphan_merge },   { "deadline", &orphan_deadline },
	{ "import", &orphan_import }, { "export", &orphan_export },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *row_name(unsigned int row, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", row & ROW_SIGNALED ? "signaled" : "timed-out",
		 row & ROW_POLLED ? "-polled" : "", row & ROW_MERGED ? "-merged" : "");
	return buf;
}

static int make_row(const struct drm_file *file, unsigned int row)
{
	uint32_t fence, other_fence;
	int fd = new_fence(file, &fence), other, merged;

	if (row & ROW_MERGED) {
		other = new_fence(file, &other_fence);
		merged = sync_file_merge(&drm_io_kernel, fd, other);
		close(other);
		close(fd);
		fd = merged;
	}
	if (row & ROW_POLLED)
		igt_assert_eq(__sync_file_wait(fd, 0), 0);
	if (row & ROW_SIGNALED)
		vgem_fence_signal(file, fence);
	return fd;
}

/*
 * A step that kills its process ends its dynamic subtest, not the matrix: so none that would do so
 * with a lock held, as reading bufinfo would.
 */
static void matrix(const struct suite *suite)
{
	struct orphan orphan = ORPHAN_INIT;
	struct drm_file file;
	int fds[ROWS];
	char name[32];

	igt_require_f(suite->settings.profile != SUITE_QUICK, "takes 10 s: not in this profile\n");
	unload_require(&orphan.unload, find_vgem(suite));
	orphan.parked = other_exporter(suite);
	drm_file_open(orphan.unload.device, &file);
	for (unsigned int row = 0; row < ROWS; row++)
		fds[row] = make_row(&file, row);
	for (unsigned int row = 0; row < ROWS; row++)
		sync_file_wait(fds[row], VGEM_FENCE_TIMEOUT_MS + 1000);
	drm_file_close(&file);
	unload_module(&orphan.unload);
	for (volatile size_t i = 0; i < ROWS * COLUMNS; i++)
		igt_dynamic_f("%s-%s", row_name(i / COLUMNS, name, sizeof(name)),
			      columns[i % COLUMNS].name) {
			orphan.fd = fds[i / COLUMNS];
			orphan_step(&orphan, columns[i % COLUMNS].step);
		}
	for (unsigned int row = 1; row < ROWS; row++)
		close(fds[row]);
	orphan.fd = fds[0];
	orphan_step(&orphan, &orphan_close);
	unload_put_back(&orphan.unload);
}

/* ---- fences of a CRTC, and drm's own files ---- */

static void take_out_fence(struct orphan *orphan)
{
	struct drm_file file;
	struct out_fence out;

	drm_file_open(orphan->unload.device, &file);
	out_fence_require(&file, &out);
	orphan->fd = out_fence_commit(&file, &out);
	sync_file_wait(orphan->fd, 2000);
	out_fence_finish(&file, &out);
	drm_file_close(&file);
}

static void out_fence_info(const struct suite *suite, const struct drm_device *device,
			   const void *data)
{
	struct orphan orphan = ORPHAN_INIT;

	unload_require(&orphan.unload, device);
	take_out_fence(&orphan);
	if (orphan_take_module(&orphan)) {
		orphan_step(&orphan, &orphan_info);
		orphan_step(&orphan, &orphan_poll);
		orphan_step(&orphan, &orphan_close);
	}
	unload_put_back(&orphan.unload);
}

/* The modules of all devices: their names have to be known before they go. */
struct modules {
	size_t count;
	struct unload unload[DRM_MAX_DEVICES];
};

static void modules_require(const struct suite *suite, struct modules *modules)
{
	modules->count = suite->count;
	for (size_t i = 0; i < suite->count; i++)
		unload_require(&modules->unload[i], suite->device[i].drm);
}

static void modules_put_back(const struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		unload_put_back(&modules->unload[i]);
}

/* Everything that uses drm goes; a module in use ends the subtest with all put back. */
static void close_without_drm(struct orphan *orphan, const struct modules *modules)
{
	char why[160];
	int ret = unload_drm(why, sizeof(why));

	strcpy(orphan->unload.module, "drm");
	if (!ret)
		orphan_step(orphan, &orphan_close);
	else
		orphan_finish(orphan);
	modules_put_back(modules);
	igt_require_f(ret == 0, "cannot unload all of drm: %s\n", why);
}

static const struct drm_device *find_crtc(const struct suite *suite)
{
	struct drm_caps caps;
	struct drm_file file;

	for (size_t i = 0; i < suite->count; i++) {
		drm_file_open(suite->device[i].drm, &file);
		drm_caps_ask(&file, &caps);
		drm_file_close(&file);
		if (caps.modeset)
			return suite->device[i].drm;
	}
	igt_skip("no device with a CRTC\n");
}

static void out_fence_without_drm(const struct suite *suite)
{
	struct orphan orphan = ORPHAN_INIT;
	struct modules modules;

	modules_require(suite, &modules);
	orphan.unload.device = find_crtc(suite);
	take_out_fence(&orphan);
	close_without_drm(&orphan, &modules);
}

static void syncobj_fd_without_drm(const struct suite *suite)
{
	struct orphan orphan = ORPHAN_INIT;
	struct modules modules;

	modules_require(suite, &modules);
	igt_require_f(open_other(suite, "", true, &orphan.other), "no driver with sync objects\n");
	orphan.fd = syncobj_handle_to_fd(&orphan.other, syncobj_create(&orphan.other, 0));
	drm_file_close(&orphan.other);
	close_without_drm(&orphan, &modules);
}

igt_main
{
	/* whoever looks around would ask the fence for its names, before or after what is tested */
	struct suite suite = { .unaccounted = true };

	igt_fixture
		suite_setup(&suite);

	for (volatile size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		igt_subtest(cases[i].name)
			run_case(&suite, &cases[i]);
	igt_subtest_with_dynamic("matrix")
		matrix(&suite);
	igt_subtest_with_dynamic("out-fence-info")
		suite_on_each_device(&suite, out_fence_info, NULL);
	igt_subtest("out-fence-close-without-drm")
		out_fence_without_drm(&suite);
	igt_subtest("syncobj-fd-close-without-drm")
		syncobj_fd_without_drm(&suite);
}
