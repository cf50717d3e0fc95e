// SPDX-License-Identifier: MIT
/*
 * TEST: prime_export_race
 * Description: PRIME export against the closing of the handle, and against another export.
 *
 * An object has one dma-buf as long as either lives. obj->dma_buf leads to it while the object has
 * a handle; the last close drops that link and its reference, or the two would keep each other for
 * ever. Both happen under dev->object_name_lock, since 319c933c71f3 ("drm/prime: proper
 * locking+refcounting for obj->dma_buf link"), and so does entering the handle into the file's
 * cache, since d0b2c5334f41 ("drm/prime: Always add exported buffers to the handle cache").
 *
 * The references are counted: a dma-buf's fdinfo says how many there are, and each is known.
 *
 * SUBTEST: export-vs-close
 * Description: PRIME_HANDLE_TO_FD of a new object against GEM_CLOSE of its only handle. On a broken
 *		kernel the handle's references stay on the exported dma-buf for ever.
 *
 * SUBTEST: export-vs-close-cached
 * Description: The same for an object that has its dma-buf already, so that the export finds it in
 *		the file's cache while the close takes it out.
 *
 * SUBTEST: export-vs-export-by-flink
 * Description: Two files that share a new object by its name export it at the same time. A broken
 *		kernel makes two dma-bufs of one object.
 *
 * SUBTEST: export-vs-export-by-dma-buf
 * Description: Two files export an object that lost all its handles and was imported again, so that
 *		its dma-buf is older than the link to it. A broken kernel makes a second dma-buf.
 */
#include <errno.h>
#include <string.h>

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/convoy.h"
#include "suite/dmabuf_check.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

struct export_race {
	struct drm_file file[2];
	uint32_t handle[2]; /* 0: none */
	int fd[2];          /* what the lanes exported; -1: nothing */
	int keep;           /* a dma-buf of the object that outlives the attempts, or -1 */
	uint64_t inode;     /* of it */
	struct convoy convoy;
};

static void hold(void *ctx)
{
	struct export_race *race = ctx;

	convoy_hold(&race->convoy);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return __prime_handle_to_fd(&race->file[lane], race->handle[lane], &race->fd[lane]);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return __gem_close(&race->file[0], race->handle[0]);
}

static int new_handle(struct export_race *race)
{
	race->fd[0] = race->fd[1] = -1;
	race->handle[0] = race->handle[1] = 0;
	if (race->keep >= 0)
		return __prime_fd_to_handle(&race->file[0], race->keep, &race->handle[0]);
	return __gem_create(&race->file[0], GEM_SMALL, &race->handle[0]);
}

static int set_up_close(void *ctx)
{
	return new_handle(ctx);
}

static void drop_fds(void *ctx)
{
	struct export_race *race = ctx;

	sys_closep(&race->fd[0]);
	sys_closep(&race->fd[1]);
}

/* The second file comes to the object by its name, so that its prime cache knows nothing of it. */
static int set_up_share(void *ctx)
{
	struct export_race *race = ctx;
	uint32_t name;
	int ret = new_handle(race);

	if (ret)
		return ret;
	ret = __gem_flink(&race->file[0], race->handle[0], &name);
	if (!ret)
		ret = __gem_open(&race->file[1], name, &race->handle[1], NULL);
	if (ret)
		__gem_close(&race->file[0], race->handle[0]);
	return ret;
}

static void drop_all(void *ctx)
{
	struct export_race *race = ctx;

	drop_fds(ctx);
	__gem_close(&race->file[0], race->handle[0]);
	__gem_close(&race->file[1], race->handle[1]);
}

static enum race_outcome classify_close(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

static enum race_outcome classify_exports(void *ctx, const struct race_attempt *attempt)
{
	return RACE_BOTH;
}

static int check_close(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long ret = attempt->lane[0].ret[0], closed = attempt->lane[1].ret[0];
	struct export_race *race = ctx;

	if (closed)
		return race_why(why, "GEM_CLOSE of a live handle: %s", strerror(-closed));
	if (ret && ret != -ENOENT)
		return race_why(why, "the loser got %s instead of ENOENT", strerror(-ret));
	if (race->keep >= 0 && !ret && dmabuf_check_inode(race->fd[0], race->inode, why))
		return -1;
	if (race->keep >= 0)
		return dmabuf_check_count(race->keep, ret ? 1 : 2, "no handle is left, only fds",
					  why);
	return ret ? 0 : dmabuf_check_count(race->fd[0], 1, "no handle is left, only the fd", why);
}

static int check_exports(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct export_race *race = ctx;

	for (unsigned int lane = 0; lane < 2; lane++)
		if (attempt->lane[lane].ret[0])
			return race_why(why, "export of a live handle: %s",
					strerror(-attempt->lane[lane].ret[0]));
	if (race->keep >= 0 && dmabuf_check_inode(race->fd[0], race->inode, why))
		return -1;
	if (dmabuf_check_inode(race->fd[1], dmabuf_inode(race->fd[0]), why))
		return -1;
	return dmabuf_check_count(race->fd[0], race->keep >= 0 ? 6 : 5,
				  "each fd, the object's link, two files' caches", why);
}

static const struct race_scenario export_vs_close = {
	.nlanes = 2,
	.lanes = {
		{ "export", { { "PRIME_HANDLE_TO_FD", op_export } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_close,
	.hold = hold,
	.tear_down = drop_fds,
	.classify = classify_close,
	.check = check_close,
};

/* Both always succeed: only the order in which they return tells on which side one was. */
static const struct race_scenario export_vs_export = {
	.flip_by = RACE_FLIP_BY_END,
	.nlanes = 2,
	.lanes = {
		{ "export", { { "PRIME_HANDLE_TO_FD", op_export } } },
		{ "export", { { "PRIME_HANDLE_TO_FD", op_export } } },
	},
	.set_up = set_up_share,
	.hold = hold,
	.tear_down = drop_all,
	.classify = classify_exports,
	.check = check_exports,
};

struct variant {
	const char *name;
	const struct race_scenario *scenario;
	bool keep;  /* the object, by a dma-buf */
	bool flink; /* needs names */
};

static const struct variant variants[] = {
	{ "export-vs-close", &export_vs_close, false, false },
	{ "export-vs-close-cached", &export_vs_close, true, false },
	{ "export-vs-export-by-flink", &export_vs_export, false, true },
	{ "export-vs-export-by-dma-buf", &export_vs_export, true, true },
};

static void keep_object(struct export_race *race)
{
	uint32_t handle = gem_create(&race->file[0], GEM_SMALL);

	race->keep = prime_handle_to_fd(&race->file[0], handle);
	race->inode = dmabuf_inode(race->keep);
	gem_close(&race->file[0], handle);
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct export_race race = { .fd = { -1, -1 }, .keep = -1 };

	drm_file_open(device, &race.file[0]);
	drm_file_open(device, &race.file[1]);
	drm_require_buffers(&race.file[0]);
	drm_require_prime(&race.file[0]);
	if (variant->flink)
		drm_require_flink(&race.file[0]);
	if (variant->keep)
		keep_object(&race);
	scenario.name = variant->name;
	scenario.ctx = &race;
	convoy_init(&race.convoy, device);
	suite_race(suite, &scenario);
	convoy_finish(&race.convoy);
	sys_closep(&race.keep);
	drm_file_close(&race.file[0]);
	drm_file_close(&race.file[1]);
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
