// SPDX-License-Identifier: MIT
/*
 * TEST: module_unload
 * Description:
 *   What keeps a driver's module from being unloaded, and that it goes once nothing does.
 *
 *   An open card holds its driver's module by the file's owner, an exported dma-buf by the owner of
 *   its exporter (drm_gem_prime_export()), a mapping by the file it maps. Each subtest takes one
 *   of these, finds the unload refused, gives it back, unloads, loads again and uses the device. A
 *   kernel that lost the owner lets the module go; the release then runs freed code.
 *
 *   Drivers of real hardware are left alone, unless destructive subtests are allowed.
 *
 * SUBTEST: *-blocks-unload
 * Description: One thing that must keep the module, alone.
 *
 * SUBTEST: unload-vs-open
 * Description: The card opened again and again while the module goes; it works or is not there.
 *
 * SUBTEST: unload-vs-close
 * Description:
 *   The unload tried until it gets in while the last dma-buf is closed, so that it comes right
 *   behind the release, which must have done with the module by then.
 *
 * SUBTEST: unload-vs-signal
 * Description:
 *   The same while closing the card signals a fence of vgem's that is polled, in a reservation and
 *   nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "drm/sync_file.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"
#include "suite/unload.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/waiting.h"

/* What a rung may hold; given back all at once. */
struct held {
	const struct suite *suite;
	struct drm_file file, importer;
	uint32_t handle;
	int fd;
	void *map;
};

static void start(struct held *held, const struct drm_device *device)
{
	drm_file_open(device, &held->file);
	drm_require_buffers(&held->file);
	held->handle = gem_create(&held->file, GEM_SMALL);
}

static void give_back(struct held *held)
{
	if (held->map)
		munmap(held->map, GEM_SMALL);
	held->map = NULL;
	sys_closep(&held->fd);
	drm_file_close(&held->importer);
	drm_file_close(&held->file);
}

static void hold_file(struct held *held)
{
}

static void hold_dmabuf(struct held *held)
{
	drm_require_prime(&held->file);
	held->fd = prime_handle_to_fd(&held->file, held->handle);
	drm_file_close(&held->file);
}

static void hold_mapping(struct held *held)
{
	held->map = gem_mmap(&held->file, held->handle, GEM_SMALL);
	drm_file_close(&held->file);
	*(volatile char *)held->map = 1;
}

static void hold_dmabuf_mapping(struct held *held)
{
	hold_dmabuf(held);
	held->map = mmap(NULL, GEM_SMALL, PROT_READ | PROT_WRITE, MAP_SHARED, held->fd, 0);
	if (held->map == MAP_FAILED) {
		held->map = NULL;
		igt_skip("the exporter has no mmap: %s\n", strerror(errno));
	}
	sys_closep(&held->fd);
	*(volatile char *)held->map = 1;
}

/* Another driver's object, with neither fd nor file of the exporter left. */
static void hold_import(struct held *held)
{
	const struct drm_device *device = NULL;
	uint32_t handle;
	int ret = -ENODEV;

	hold_dmabuf(held);
	for (size_t i = 0; ret && i < held->suite->count; i++) {
		device = held->suite->device[i].drm;
		drm_file_open(device, &held->importer);
		if (strcmp(held->importer.driver->name, held->file.driver->name))
			ret = __prime_fd_to_handle(&held->importer, held->fd, &handle);
		if (ret)
			drm_file_close(&held->importer);
	}
	igt_require_f(ret == 0, "no other driver here imports from it\n");
	igt_info("imported by %s\n", device->driver);
	sys_closep(&held->fd);
}

struct rung {
	const char *name, *what;
	void (*hold)(struct held *held);
};

static const struct rung rungs[] = {
	{ "open-fd-blocks-unload", "an open card", hold_file },
	{ "dma-buf-blocks-unload", "an exported dma-buf", hold_dmabuf },
	{ "mapping-blocks-unload", "a mapping of the card", hold_mapping },
	{ "dma-buf-mapping-blocks-unload", "a mapping of a dma-buf", hold_dmabuf_mapping },
	{ "import-blocks-unload", "another driver's import", hold_import },
};

static void check_device(const struct drm_device *device)
{
	struct drm_file file;

	drm_file_open(device, &file);
	gem_close(&file, gem_create(&file, GEM_SMALL));
	drm_file_close(&file);
}

static void climb(const struct suite *suite, const struct drm_device *device, const void *data)
{
	struct held held = {
		.suite = suite,
		.file = DRM_FILE_CLOSED,
		.importer = DRM_FILE_CLOSED,
		.fd = -1,
	};
	const struct rung *rung = data;
	struct unload unload;

	unload_require(&unload, device);
	start(&held, device);
	rung->hold(&held);
	unload_is_refused(&unload, rung->what);
	give_back(&held);
	unload_module(&unload);
	unload_put_back(&unload);
	check_device(device);
}

/* The other lane of each race: it retries until it gets in. */
struct unloader {
	struct unload *unload;
	atomic_bool stop;
	atomic_ulong refused;
	int ret;
};

static void *unload_until_in(void *data)
{
	struct unloader *unloader = data;

	do {
		unloader->ret = __unload_try(unloader->unload);
		if (unloader->ret == -EAGAIN)
			atomic_fetch_add(&unloader->refused, 1);
	} while (unloader->ret == -EAGAIN && !atomic_load(&unloader->stop));
	return NULL;
}

struct raced {
	struct drm_file file;
	int fd;
	uint32_t fence;
};

struct race {
	const char *name;
	/* Before the unloader starts, and while it tries. */
	void (*set_up)(struct raced *raced, const struct drm_device *device);
	void (*act)(struct raced *raced, const struct drm_device *device);
	const char *needs; /* this driver only, or NULL */
};

static void set_up_dmabuf(struct raced *raced, const struct drm_device *device)
{
	uint32_t handle;

	drm_file_open(device, &raced->file);
	handle = gem_create(&raced->file, GEM_SMALL);
	raced->fd = prime_handle_to_fd(&raced->file, handle);
	drm_file_close(&raced->file);
}

static void close_dmabuf(struct raced *raced, const struct drm_device *device)
{
	sys_closep(&raced->fd);
}

static void set_up_fence(struct raced *raced, const struct drm_device *device)
{
	uint32_t handle;

	drm_file_open(device, &raced->file);
	handle = gem_create(&raced->file, GEM_SMALL);
	raced->fd = prime_handle_to_fd(&raced->file, handle);
	vgem_fence_attach(&raced->file, handle, true);
	/* poll() leaves a callback on the fence that holds the dma-buf */
	igt_assert_eq(__dmabuf_poll(raced->fd, POLLIN, 0), 0);
	sys_closep(&raced->fd);
}

static void close_card(struct raced *raced, const struct drm_device *device)
{
	drm_file_close(&raced->file);
}

/* Until the module is out: a success is closed at once, so that the unload has its chance. */
static void open_until_gone(struct raced *raced, const struct drm_device *device)
{
	int fd = 0;

	for (unsigned int i = 0; i < 2000 && fd >= 0; i++) {
		fd = open(device->primary, O_RDWR | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		else
			igt_assert_f(errno == ENOENT || errno == ENODEV || errno == ENXIO,
				     "opening %s as it goes: %s\n", device->primary,
				     strerror(errno));
	}
}

static const struct race races[] = {
	{ "unload-vs-open", NULL, open_until_gone, NULL },
	{ "unload-vs-close", set_up_dmabuf, close_dmabuf, NULL },
	{ "unload-vs-signal", set_up_fence, close_card, "vgem" },
};

/* how long the unloader may take to be refused for the first time */
#define REFUSED_MS 2000

/* So that it is already trying when the release comes. Where nothing is held it gets in at once. */
static bool wait_for_refusal(const struct race *race, struct unloader *unloader)
{
	struct sys_wait wait = sys_wait_for(REFUSED_MS, 20);

	while (race->set_up && !atomic_load(&unloader->refused))
		if (!sys_wait_again(&wait))
			return false;
	return true;
}

static void race_once(const struct race *race, struct unload *unload, unsigned long *refused)
{
	struct raced raced = { .file = DRM_FILE_CLOSED, .fd = -1 };
	struct unloader unloader = { .unload = unload };
	struct sys_wait wait;
	pthread_t thread;
	bool refused_first;

	if (race->set_up)
		race->set_up(&raced, unload->device);
	igt_assert_eq(pthread_create(&thread, NULL, unload_until_in, &unloader), 0);
	refused_first = wait_for_refusal(race, &unloader);
	race->act(&raced, unload->device);
	/* it is free now: it must get in, within the time a late close may take */
	wait = sys_wait_for(UNLOAD_SETTLE_MS, 1000);
	while (pthread_tryjoin_np(thread, NULL)) {
		if (sys_wait_again(&wait))
			continue;
		igt_assert_f(!atomic_exchange(&unloader.stop, true),
			     "delete_module(%s) does not return\n", unload->module);
		wait = sys_wait_for(UNLOAD_SETTLE_MS, 1000);
	}
	igt_assert_f(refused_first, "the unload was not refused within %d ms\n", REFUSED_MS);
	igt_assert_f(unloader.ret == 0, "%s could not be unloaded within %d ms: %s\n",
		     unload->module, UNLOAD_SETTLE_MS, strerror(-unloader.ret));
	*refused += unloader.refused;
	unload_put_back(unload);
}

static void race(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct race *race = data;
	unsigned long refused = 0;
	unsigned int times = 0;
	struct unload unload;
	uint64_t end;

	igt_require_f(!race->needs || !strcmp(race->needs, device->driver), "needs %s\n",
		      race->needs);
	unload_require(&unload, device);
	end = sys_now_ms() + suite->settings.race_ms;
	do {
		race_once(race, &unload, &refused);
		times++;
	} while (sys_now_ms() < end);
	igt_info("%s: unloaded %u times, refused %lu times meanwhile\n", race->name, times,
		 refused);
	igt_require_f(refused, "underpowered: the unload was never refused: it came too late\n");
	check_device(device);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, rungs, climb);
	suite_subtests(&suite, races, race);
}
