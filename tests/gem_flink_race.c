// SPDX-License-Identifier: MIT
/*
 * TEST: gem_flink_race
 * Description: Flink names: naming and opening against each other and against the last close.
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
 * SUBTEST: flink-vs-close-processes
 * Description: flink-vs-close between two processes that share the drm file.
 *
 * SUBTEST: flink-vs-file-close
 * Description:
 *   GEM_FLINK against close(2) of the drm file with the object's last handle: the same race with
 *   drm_gem_release() as the closing side.
 *
 * SUBTEST: flink-vs-flink
 * Description:
 *   Two first GEM_FLINKs of one object. A broken kernel gives it two names, one of which is never
 *   reaped.
 *
 * SUBTEST: flink-vs-open
 * Description:
 *   The first GEM_FLINK against GEM_OPEN, in another file, of the name that is about to be given.
 *   Whoever opens it in time has the whole object, with its size and that name. A broken kernel
 *   shows the name before the object can be found by it.
 *
 * SUBTEST: open-vs-last-close
 * Description:
 *   GEM_OPEN in one file against the GEM_CLOSE of the last handle in another, the object kept by
 *   its dma-buf. On a broken kernel the opened object has lost its name.
 *
 * SUBTEST: open-vs-last-close-and-free
 * Description: The same with nothing else holding the object.
 *
 * SUBTEST: open-vs-last-close-processes
 * Description: open-vs-last-close between two processes that share both drm files.
 *
 * SUBTEST: open-vs-file-close
 * Description: GEM_OPEN against close(2) of the drm file with the object's last handle.
 */
#include <errno.h>
#include <string.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"

struct flink_race {
	struct kept kept; /* closed in file 0, opened in file 1 */
	const struct drm_device *device;
	uint32_t handle, name[2], opened;
	uint32_t guess;          /* the name to open */
	uint64_t size;           /* of what was opened */
	struct drm_file closing; /* closed by the attempt */
};

static long op_flink(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_flink(&race->kept.file[0], race->handle, &race->name[lane]);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle);
}

static long op_open(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_open(&race->kept.file[1], race->guess, &race->opened, &race->size);
}

/* One object with exactly one handle. */
static int set_up_handle(void *ctx)
{
	struct flink_race *race = ctx;

	memset(race->name, 0, sizeof(race->name));
	race->opened = 0;
	return kept_handle(&race->kept, 0, &race->handle);
}

static int set_up_name(void *ctx)
{
	struct flink_race *race = ctx;
	int ret = set_up_handle(ctx);

	if (!ret)
		ret = __gem_flink(&race->kept.file[0], race->handle, &race->guess);
	return ret;
}

static void close_opened(void *ctx)
{
	struct flink_race *race = ctx;

	if (race->opened)
		__gem_close(&race->kept.file[1], race->opened);
}

static void close_both(void *ctx)
{
	struct flink_race *race = ctx;

	close_opened(ctx);
	__gem_close(&race->kept.file[0], race->handle);
}

/* The close always succeeds; naming may only find nothing left. */
static int check_flink(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why) ||
	    outcome_ok_or(ret, ENOENT, "GEM_FLINK", why))
		return -1;
	return ret ? 0 : name_check_reaped(&race->kept.file[1], race->name[0], why);
}

/* Opened in time: the object never was without a handle, so its name is the one it had. */
static int check_open(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "closing the last handle", why) ||
	    outcome_ok_or(ret, ENOENT, "GEM_OPEN", why))
		return -1;
	if (ret)
		return name_check_reaped(&race->kept.file[1], race->guess, why);
	return name_check_kept(&race->kept.file[1], race->opened, race->guess, why);
}

static const struct race_scenario flink_vs_close = {
	.nlanes = 2,
	.lanes = {
		{ "flink", { { "GEM_FLINK", op_flink } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_handle,
	.classify = outcome_lane0,
	.check = check_flink,
};

static const struct race_scenario open_vs_last_close = {
	.nlanes = 2,
	.lanes = {
		{ "open", { { "GEM_OPEN", op_open } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_name,
	.tear_down = close_opened,
	.classify = outcome_lane0,
	.check = check_open,
};

static int check_flinks(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;

	for (unsigned int lane = 0; lane < 2; lane++)
		if (outcome_ok(attempt->lane[lane].ret[0], "GEM_FLINK of a live handle", why))
			return -1;
	if (race->name[0] != race->name[1])
		return race_why(why, "one object, two names: %u and %u", race->name[0],
				race->name[1]);
	return name_check_kept(&race->kept.file[0], race->handle, race->name[0], why);
}

static const struct race_scenario flink_vs_flink = {
	.nlanes = 2,
	.lanes = {
		{ "flink", { { "GEM_FLINK", op_flink } } },
		{ "flink", { { "GEM_FLINK", op_flink } } },
	},
	.set_up = set_up_handle,
	.tear_down = close_both,
	.classify = outcome_both,
	.check = check_flinks,
};

/* The lowest free name is given: the one that the attempt before gave back. */
static int check_guessed(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	uint32_t guess = race->guess;
	long ret = attempt->lane[1].ret[0];

	if (outcome_ok(attempt->lane[0].ret[0], "GEM_FLINK of a live handle", why))
		return -1;
	if (ret && ret != -ENOENT)
		return race_why(why, "GEM_OPEN of a name not yet given: %s", strerror(-ret));
	race->guess = race->name[0];
	if (ret || guess != race->name[0]) /* or some other program's object */
		return 0;
	if (race->size != GEM_SMALL)
		return race_why(why, "the opened object has %llu bytes instead of %d",
				(unsigned long long)race->size, GEM_SMALL);
	return name_check_kept(&race->kept.file[1], race->opened, guess, why);
}

static const struct race_scenario flink_vs_open = {
	.nlanes = 2,
	.lanes = {
		{ "flink", { { "GEM_FLINK", op_flink } } },
		{ "open", { { "GEM_OPEN", op_open } } },
	},
	.set_up = set_up_handle,
	.tear_down = close_both,
	.classify = outcome_lane1,
	.check = check_guessed,
};

static long op_flink_closing(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return __gem_flink(&race->closing, race->handle, &race->name[0]);
}

static long op_close_file(void *ctx, unsigned int lane)
{
	struct flink_race *race = ctx;

	return race->closing.io->close(race->closing.io->data, race->closing.fd);
}

/* The only handle is in a file of its own. */
static int set_up_file(void *ctx)
{
	struct flink_race *race = ctx;
	int ret = __drm_file_open(&drm_io_kernel, race->device->primary, &race->closing);

	if (ret)
		return ret;
	race->opened = 0;
	if (race->kept.fd >= 0)
		ret = __prime_fd_to_handle(&race->closing, race->kept.fd, &race->handle);
	else
		ret = __gem_create(&race->closing, GEM_SMALL, &race->handle);
	if (ret)
		drm_file_close(&race->closing);
	return ret;
}

static int set_up_named_file(void *ctx)
{
	struct flink_race *race = ctx;
	int ret = set_up_file(ctx);

	if (ret)
		return ret;
	ret = __gem_flink(&race->closing, race->handle, &race->guess);
	if (ret)
		drm_file_close(&race->closing);
	return ret;
}

static int check_flink_closing(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct flink_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "close of an open drm file", why) ||
	    outcome_ok_or(ret, EBADF, "GEM_FLINK", why))
		return -1;
	return ret ? 0 : name_check_reaped(&race->kept.file[1], race->name[0], why);
}

static const struct race_scenario flink_vs_file_close = {
	.nlanes = 2,
	.lanes = {
		{ "flink", { { "GEM_FLINK", op_flink_closing } } },
		{ "close", { { "close", op_close_file } } },
	},
	.set_up = set_up_file,
	.classify = outcome_lane0,
	.check = check_flink_closing,
};

static const struct race_scenario open_vs_file_close = {
	.nlanes = 2,
	.lanes = {
		{ "open", { { "GEM_OPEN", op_open } } },
		{ "close", { { "close", op_close_file } } },
	},
	.set_up = set_up_named_file,
	.tear_down = close_opened,
	.classify = outcome_lane0,
	.check = check_open,
};

struct variant {
	const char *name;
	const struct race_scenario *scenario;
	unsigned int needs;
	enum race_lane_kind kind;
};

static const struct variant variants[] = {
	{ "flink-vs-close", &flink_vs_close, KEPT_OBJECT, RACE_THREADS },
	{ "flink-vs-close-and-free", &flink_vs_close, 0, RACE_THREADS },
	{ "flink-vs-close-processes", &flink_vs_close, KEPT_OBJECT, RACE_PROCESSES },
	{ "flink-vs-file-close", &flink_vs_file_close, KEPT_OBJECT, RACE_THREADS },
	{ "flink-vs-flink", &flink_vs_flink, 0, RACE_THREADS },
	{ "flink-vs-open", &flink_vs_open, 0, RACE_THREADS },
	{ "open-vs-last-close", &open_vs_last_close, KEPT_OBJECT, RACE_THREADS },
	{ "open-vs-last-close-and-free", &open_vs_last_close, 0, RACE_THREADS },
	{ "open-vs-last-close-processes", &open_vs_last_close, KEPT_OBJECT, RACE_PROCESSES },
	{ "open-vs-file-close", &open_vs_file_close, KEPT_OBJECT, RACE_THREADS },
};

/* The lowest free name is the one that an object gets and gives back. */
static uint32_t next_name(const struct drm_file *file)
{
	uint32_t handle = gem_create(file, GEM_SMALL);
	uint32_t name = gem_flink(file, handle);

	gem_close(file, handle);
	return name;
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct flink_race *race = race_shared_alloc(sizeof(*race));

	igt_assert(race);
	kept_init(&race->kept, device, variant->needs | KEPT_FLINK);
	race->device = device;
	race->guess = next_name(&race->kept.file[0]);
	scenario.name = variant->name;
	scenario.kind = variant->kind;
	scenario.ctx = race;
	scenario.hold = kept_hold;
	suite_race(suite, &scenario);
	kept_finish(&race->kept);
	race_shared_free(race, sizeof(*race));
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
