// SPDX-License-Identifier: MIT
/*
 * TEST: gem_flink_race
 * Description: Flink names against the closing of the last handle.
 *
 * A name holds no reference: it belongs to the object while any file has a handle for it and goes
 * with the last one, under dev->object_name_lock (drm_gem_object_handle_free()). Naming therefore
 * has to look at handle_count again once it has the lock, since a8e11d1c435f ("drm/gem: fix up
 * flink name create race"), and opening has to keep the lock from the look-up of the name to the
 * new handle, since 20228c447846 ("drm/gem: completely close gem_open vs. gem_close races").
 *
 * SUBTEST: flink-vs-close
 * Description:
 *   GEM_FLINK against the GEM_CLOSE of the object's last handle, the object kept by its dma-buf.
 *   A broken kernel leaves a name behind that opens an object without handles.
 *
 * SUBTEST: flink-vs-close-and-free
 * Description:
 *   The same with nothing else holding the object, so that the close frees it. A broken kernel's
 *   name leads to freed memory.
 *
 * SUBTEST: open-vs-last-close
 * Description:
 *   GEM_OPEN in one file against the GEM_CLOSE of the last handle in another, the object kept by
 *   its dma-buf. On a broken kernel the opened object has lost its name.
 *
 * SUBTEST: open-vs-last-close-and-free
 * Description: The same with nothing else holding the object.
 */
#include <errno.h>
#include <string.h>

#include "drm/caps.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/convoy.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

struct flink_race {
	struct drm_file file;  /* where the handle is closed */
	struct drm_file other; /* where the name is opened */
	int dmabuf;            /* keeps the object; -1: a new object for each attempt */
	uint32_t handle, name, opened;
	struct convoy convoy;
};

static void hold(void *ctx)
{
	struct flink_race *race = ctx;

	convoy_hold(&race->convoy);
}

static long op_flink(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_flink(&race->file, race->handle, &race->name);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_close(&race->file, race->handle);
}

static long op_open(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_open(&race->other, race->name, &race->opened, NULL);
}

/* One object with exactly one handle. Importing is twice as fast as creating. */
static int set_up_handle(void *ctx)
{
	struct flink_race *race = ctx;

	race->name = 0;
	race->opened = 0;
	if (race->dmabuf >= 0)
		return __prime_fd_to_handle(&race->file, race->dmabuf, &race->handle);
	return __gem_create(&race->file, GEM_SMALL, &race->handle);
}

static int set_up_name(void *ctx)
{
	struct flink_race *race = ctx;
	int ret = set_up_handle(ctx);

	if (!ret)
		ret = __gem_flink(&race->file, race->handle, &race->name);
	return ret;
}

static void close_opened(void *ctx)
{
	struct flink_race *race = ctx;

	if (race->opened)
		__gem_close(&race->other, race->opened);
}

/* The lane that names or opens comes first: it succeeds exactly when the close is later. */
static enum race_outcome classify(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

/* The close always succeeds; the other call may only find nothing left. */
static int check_errors(const struct race_attempt *attempt, struct race_why *why)
{
	long ret = attempt->lane[0].ret[0], closed = attempt->lane[1].ret[0];

	if (closed)
		return race_why(why, "GEM_CLOSE of a live handle: %s", strerror(-closed));
	if (ret && ret != -ENOENT)
		return race_why(why, "the loser got %s instead of ENOENT", strerror(-ret));
	return 0;
}

static int check_flink(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	uint32_t handle;
	int ret;

	if (check_errors(attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __gem_open(&race->other, race->name, &handle, NULL);
	if (ret == -ENOENT)
		return 0;
	if (!ret)
		__gem_close(&race->other, handle);
	return race_why(why, "name %u outlived the last handle: GEM_OPEN gives %s", race->name,
			ret ? strerror(-ret) : "a handle");
}

/* Opened in time: the object never was without a handle, so its name is the one it had. */
static int check_open(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	uint32_t handle, name;
	int ret;

	if (check_errors(attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __gem_open(&race->other, race->name, &handle, NULL);
	if (ret)
		return race_why(why, "the reopened object lost its name %u: GEM_OPEN gives %s",
				race->name, strerror(-ret));
	__gem_close(&race->other, handle);
	ret = __gem_flink(&race->other, race->opened, &name);
	if (ret)
		return race_why(why, "GEM_FLINK of the reopened object: %s", strerror(-ret));
	if (name != race->name)
		return race_why(why, "the reopened object changed its name from %u to %u",
				race->name, name);
	return 0;
}

static const struct race_scenario flink_vs_close = {
	.nlanes = 2,
	.lanes = {
		{ "flink", { { "GEM_FLINK", op_flink } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_handle,
	.hold = hold,
	.classify = classify,
	.check = check_flink,
};

static const struct race_scenario open_vs_last_close = {
	.nlanes = 2,
	.lanes = {
		{ "open", { { "GEM_OPEN", op_open } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_name,
	.hold = hold,
	.tear_down = close_opened,
	.classify = classify,
	.check = check_open,
};

struct variant {
	const char *name;
	const struct race_scenario *scenario;
	bool keep; /* the object, by a dma-buf */
};

static const struct variant variants[] = {
	{ "flink-vs-close", &flink_vs_close, true },
	{ "flink-vs-close-and-free", &flink_vs_close, false },
	{ "open-vs-last-close", &open_vs_last_close, true },
	{ "open-vs-last-close-and-free", &open_vs_last_close, false },
};

static void keep_object(struct flink_race *race)
{
	uint32_t handle = gem_create(&race->file, GEM_SMALL);

	race->dmabuf = prime_handle_to_fd(&race->file, handle);
	gem_close(&race->file, handle);
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct flink_race race = { .dmabuf = -1 };

	drm_file_open(device, &race.file);
	drm_file_open(device, &race.other);
	drm_require_buffers(&race.file);
	drm_require_flink(&race.file);
	if (variant->keep) {
		drm_require_prime(&race.file);
		keep_object(&race);
	}
	scenario.name = variant->name;
	scenario.ctx = &race;
	convoy_init(&race.convoy, device);
	suite_race(suite, &scenario);
	convoy_finish(&race.convoy);
	sys_closep(&race.dmabuf);
	drm_file_close(&race.file);
	drm_file_close(&race.other);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	for (volatile size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		igt_subtest_with_dynamic(variants[i].name)
			suite_on_each_device(&suite, run, &variants[i]);
}
