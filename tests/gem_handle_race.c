// SPDX-License-Identifier: MIT
/*
 * TEST: gem_handle_race
 * Description: A handle's birth and death: creation, import and opening against a close that
 *   guesses the new handle, closes against each other, look-ups against the last close, and the
 *   count.
 *
 * Both directions have two phases under file->table_lock. Creation takes a slot that leads nowhere,
 * gives the file its right to mmap, and only then puts the object there, since bd46cece51a3
 * ("drm/gem: Fix race in drm_gem_handle_create_tail()"); deletion takes the object out, lets go of
 * all that came with the handle, and then frees the slot (drm_gem_handle_delete()). Slots are given
 * out lowest first, so that anyone can guess the next. obj->handle_count counts the handles of all
 * files, under dev->object_name_lock.
 *
 * SUBTEST: create-vs-guessed-close
 * Description:
 *   Creation of a buffer against GEM_CLOSE of the handle that it is about to get. Whichever is
 *   first, a close that succeeded leaves no handle and one that failed a live one. A broken kernel
 *   goes on with an object that the close has freed.
 *
 * SUBTEST: import-vs-guessed-close
 * Description:
 *   PRIME_FD_TO_HANDLE against GEM_CLOSE of the handle that it is about to get. On a broken kernel
 *   the file may map the object though it has no handle, and the record of that right leaks.
 *
 * SUBTEST: open-vs-guessed-close
 * Description: The same for GEM_OPEN by name.
 *
 * SUBTEST: resource-create-vs-guessed-close
 * Description:
 *   The same for virtio-gpu's RESOURCE_CREATE, which read the new object after letting go of it
 *   before 52531258318e ("drm/virtio: Fix GEM handle creation UAF"). A broken kernel returns a
 *   resource that was never created.
 *
 * SUBTEST: close-vs-close
 * Description:
 *   Two GEM_CLOSEs of one handle, the object kept by its dma-buf: exactly one succeeds. A broken
 *   kernel drops the handle's references twice.
 *
 * SUBTEST: close-vs-close-and-free
 * Description: The same with nothing else holding the object.
 *
 * SUBTEST: map-offset-vs-last-close
 * Description:
 *   Asking where a buffer is mapped (MODE_MAP_DUMB or the driver's own) against GEM_CLOSE of its
 *   last handle: the look-up takes its reference under the lock or finds nothing. On a broken
 *   kernel the file can map it after the close, or the look-up uses what is freed.
 *
 * SUBTEST: resource-info-vs-last-close
 * Description: The same for virtio-gpu's RESOURCE_INFO.
 *
 * SUBTEST: open-vs-open
 * Description:
 *   Two lanes open one name in four files each; then all handles but one are closed. A kernel that
 *   counts handles without the lock loses one, and the name goes while a handle lives.
 *
 * SUBTEST: open-vs-close
 * Description:
 *   One lane opens the name in four files while the other closes four of the object's handles. The
 *   count must be exact: a broken kernel loses the name too early, or keeps it too long.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "drm/virtgpu.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"

#define PER_LANE 4 /* files in which a lane of the counting races has handles */

struct handle_race {
	struct kept kept;
	uint32_t handle; /* that lives, or is closed, in file 0 */
	uint32_t made;   /* what creation gave; 0: nothing */
	uint32_t guess;  /* what it will give */
	uint32_t name;
	uint64_t offset;   /* of the object, in every file */
	uint32_t resource; /* of virtio-gpu's host */
	uint32_t last_resource;
	struct drm_file many[2][PER_LANE];
	uint32_t in_many[2][PER_LANE];
};

static long op_create(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __gem_create(&race->kept.file[0], GEM_SMALL, &race->made);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __prime_fd_to_handle(&race->kept.file[0], race->kept.fd, &race->made);
}

static long op_open(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __gem_open(&race->kept.file[0], race->name, &race->made, NULL);
}

static long op_resource_create(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __virtgpu_resource_create(&race->kept.file[0], &race->made, &race->resource);
}

static long op_close_guess(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->guess);
}

/* Nothing to set up: this leaves the next attempt what it needs. */
static void close_made(void *ctx)
{
	struct handle_race *race = ctx;

	if (race->made)
		__gem_close(&race->kept.file[0], race->made);
	race->made = 0;
}

/* A close that succeeded has closed what was made; one that failed came before there was any. */
static int check_made(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;
	long closed = attempt->lane[1].ret[0];
	uint64_t offset;
	int ret;

	if (outcome_ok(attempt->lane[0].ret[0], "creation", why) ||
	    outcome_ok_or(closed, EINVAL, "GEM_CLOSE of the guessed handle", why))
		return -1;
	if (!closed && race->made != race->guess)
		return race_why(why, "GEM_CLOSE of handle %u, which nobody had, succeeded",
				race->guess);
	ret = __gem_mmap_offset(&race->kept.file[0], race->made, &offset);
	if (!closed && !ret)
		return race_why(why, "handle %u lives after GEM_CLOSE", race->made);
	if (closed && ret)
		return race_why(why, "new handle %u is dead: %s", race->made, strerror(-ret));
	return 0;
}

/* The object lives elsewhere: the file may map it exactly as long as it has a handle. */
static int check_right(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	bool closed = attempt->lane[1].ret[0] == 0;
	struct handle_race *race = ctx;
	void *ptr;
	int ret;

	if (check_made(ctx, attempt, why))
		return -1;
	ret = __gem_mmap_at(&race->kept.file[0], race->offset, GEM_SMALL, &ptr);
	if (!ret)
		munmap(ptr, GEM_SMALL);
	if (closed && ret != -EACCES)
		return race_why(why, "mmap without a handle: %s instead of EACCES",
				ret ? strerror(-ret) : "success");
	if (!closed && ret)
		return race_why(why, "mmap with a handle: %s", strerror(-ret));
	return 0;
}

static int check_import(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;

	if (check_right(ctx, attempt, why))
		return -1;
	if (!attempt->lane[1].ret[0])
		return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
	return dmabuf_check_count(race->kept.fd, 3, "the fd, the object's link, the file's cache",
				  why);
}

/* The host's numbers count up: anything else was read from an object that is gone. */
static int check_resource(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;
	uint32_t last = race->last_resource;

	if (check_made(ctx, attempt, why))
		return -1;
	if (last && race->resource - last - 1 > UINT16_MAX)
		return race_why(why, "resource %#x was created after resource %#x", race->resource,
				last);
	race->last_resource = race->resource;
	return 0;
}

/* An object that lives in file 1, for what is made of it in file 0. */
static void init_named(struct handle_race *race, const struct drm_device *device)
{
	uint32_t handle = gem_create(&race->kept.file[1], GEM_SMALL);

	race->name = gem_flink(&race->kept.file[1], handle);
	race->offset = gem_mmap_offset(&race->kept.file[1], handle);
}

static void init_kept(struct handle_race *race, const struct drm_device *device)
{
	uint32_t handle = prime_fd_to_handle(&race->kept.file[1], race->kept.fd);

	race->offset = gem_mmap_offset(&race->kept.file[1], handle);
	gem_close(&race->kept.file[1], handle);
}

static void init_virtgpu(struct handle_race *race, const struct drm_device *device)
{
	igt_require_f(drm_is_virtgpu(&race->kept.file[0]), "only virtio-gpu has this call\n");
}

static void init_many(struct handle_race *race, const struct drm_device *device)
{
	for (unsigned int i = 0; i < 2 * PER_LANE; i++)
		drm_file_open(device, &race->many[i / PER_LANE][i % PER_LANE]);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle);
}

static long op_map_offset(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __gem_mmap_offset(&race->kept.file[0], race->handle, &race->offset);
}

static long op_resource_info(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;

	return __virtgpu_resource_info(&race->kept.file[0], race->handle, &race->resource);
}

static int set_up_handle(void *ctx)
{
	struct handle_race *race = ctx;

	return kept_handle(&race->kept, 0, &race->handle);
}

static int set_up_resource(void *ctx)
{
	struct handle_race *race = ctx;

	return __virtgpu_resource_create(&race->kept.file[0], &race->handle, &race->last_resource);
}

static int check_closes(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;

	if (outcome_only_one(attempt, EINVAL, "GEM_CLOSE", "one handle, two closes", why))
		return -1;
	if (race->kept.fd < 0)
		return 0;
	return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
}

static int check_look_up(const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why))
		return -1;
	return outcome_ok_or(attempt->lane[0].ret[0], ENOENT, "the look-up", why);
}

/* The object is gone, and nothing is where it was mapped. */
static int check_offset(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;
	void *ptr;
	int ret;

	if (check_look_up(attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __gem_mmap_at(&race->kept.file[0], race->offset, GEM_SMALL, &ptr);
	if (ret == -EINVAL)
		return 0;
	if (!ret)
		munmap(ptr, GEM_SMALL);
	return race_why(why, "mmap of the closed buffer: %s instead of EINVAL",
			ret ? strerror(-ret) : "success");
}

static int check_info(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;

	if (check_look_up(attempt, why))
		return -1;
	if (!attempt->lane[0].ret[0] && race->resource != race->last_resource)
		return race_why(why, "RESOURCE_INFO tells resource %#x, created was %#x",
				race->resource, race->last_resource);
	return 0;
}

/* A first failure ends the lane's work and is what it returns. */
static long op_open_many(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;
	int ret = 0;

	for (unsigned int i = 0; !ret && i < PER_LANE; i++)
		ret = __gem_open(&race->many[lane][i], race->name, &race->in_many[lane][i], NULL);
	return ret;
}

static long op_close_many(void *ctx, unsigned int lane)
{
	struct handle_race *race = ctx;
	int ret = 0;

	for (unsigned int i = 0; !ret && i < PER_LANE; i++) {
		ret = __gem_close(&race->many[lane][i], race->in_many[lane][i]);
		race->in_many[lane][i] = 0;
	}
	return ret;
}

static int set_up_name(void *ctx)
{
	struct handle_race *race = ctx;
	int ret = set_up_handle(ctx);

	if (!ret)
		ret = __gem_flink(&race->kept.file[0], race->handle, &race->name);
	return ret;
}

static int set_up_opened(void *ctx)
{
	int ret = set_up_name(ctx);

	return ret ? ret : (int)op_open_many(ctx, 1);
}

static void close_many(struct handle_race *race)
{
	for (unsigned int i = 0; i < 2 * PER_LANE; i++) {
		uint32_t *handle = &race->in_many[i / PER_LANE][i % PER_LANE];

		if (*handle)
			__gem_close(&race->many[i / PER_LANE][i % PER_LANE], *handle);
		*handle = 0;
	}
}

/* Closes all but the last handle of lane 0: the name must hang on that one alone. */
static int check_many(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct handle_race *race = ctx;
	const struct drm_file *file = &race->many[0][PER_LANE - 1];
	uint32_t last = race->in_many[0][PER_LANE - 1];

	if (outcome_ok(attempt->lane[0].ret[0], "GEM_OPEN of a live name", why) ||
	    outcome_ok(attempt->lane[1].ret[0], "the other lane's call", why))
		return -1;
	race->in_many[0][PER_LANE - 1] = 0;
	close_many(race);
	__gem_close(&race->kept.file[0], race->handle);
	if (name_check_kept(file, last, race->name, why))
		return -1;
	__gem_close(file, last);
	return name_check_reaped(file, race->name, why);
}

#define CREATION(OP_NAME, OP, CHECK)                                                               \
	{                                                                                          \
		.nlanes = 2,                                                                       \
		.lanes = { { "create", { { OP_NAME, OP } } },                                      \
			   { "close", { { "GEM_CLOSE", op_close_guess } } } },                     \
		.tear_down = close_made, .classify = outcome_lane1, .check = CHECK,                \
	}

static const struct race_scenario create = CREATION("create", op_create, check_made);
static const struct race_scenario import = CREATION("PRIME_FD_TO_HANDLE", op_import, check_import);
static const struct race_scenario open_named = CREATION("GEM_OPEN", op_open, check_right);
static const struct race_scenario create_resource = CREATION("RESOURCE_CREATE", op_resource_create,
							     check_resource);

#define AGAINST_CLOSE(LANE, OP_NAME, OP, SET_UP, CHECK)                                            \
	{                                                                                          \
		.nlanes = 2,                                                                       \
		.lanes = { { LANE, { { OP_NAME, OP } } },                                          \
			   { "close", { { "GEM_CLOSE", op_close } } } },                           \
		.set_up = SET_UP, .classify = outcome_lane0, .check = CHECK,                       \
	}

static const struct race_scenario close_vs_close = AGAINST_CLOSE("close", "GEM_CLOSE", op_close,
								 set_up_handle, check_closes);
static const struct race_scenario map_offset = AGAINST_CLOSE(
	"look-up", "mmap offset", op_map_offset, set_up_handle, check_offset);
static const struct race_scenario resource_info = AGAINST_CLOSE(
	"look-up", "RESOURCE_INFO", op_resource_info, set_up_resource, check_info);

#define COUNTING(OP_NAME, OP, SET_UP)                                                              \
	{                                                                                          \
		.nlanes = 2,                                                                       \
		.lanes = { { "open", { { "GEM_OPEN", op_open_many } } },                           \
			   { "other", { { OP_NAME, OP } } } },                                     \
		.set_up = SET_UP, .classify = outcome_both, .check = check_many,                   \
	}

static const struct race_scenario open_vs_open = COUNTING("GEM_OPEN", op_open_many, set_up_name);
static const struct race_scenario open_vs_close = COUNTING("GEM_CLOSE", op_close_many,
							   set_up_opened);

struct variant {
	const char *name;
	const struct race_scenario *scenario;
	unsigned int needs;
	void (*init)(struct handle_race *race, const struct drm_device *device);
};

static const struct variant variants[] = {
	{ "create-vs-guessed-close", &create, 0, NULL },
	{ "import-vs-guessed-close", &import, KEPT_OBJECT, init_kept },
	{ "open-vs-guessed-close", &open_named, KEPT_FLINK, init_named },
	{ "resource-create-vs-guessed-close", &create_resource, 0, init_virtgpu },
	{ "close-vs-close", &close_vs_close, KEPT_OBJECT, NULL },
	{ "close-vs-close-and-free", &close_vs_close, 0, NULL },
	{ "map-offset-vs-last-close", &map_offset, 0, NULL },
	{ "resource-info-vs-last-close", &resource_info, 0, init_virtgpu },
	{ "open-vs-open", &open_vs_open, KEPT_FLINK, init_many },
	{ "open-vs-close", &open_vs_close, KEPT_FLINK, init_many },
};

/* The lowest free handle is the one that an object gets and gives back. */
static uint32_t next_handle(const struct drm_file *file)
{
	uint32_t handle = gem_create(file, GEM_SMALL);

	gem_close(file, handle);
	return handle;
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct handle_race state = { 0 }, *race = &state;

	kept_init(&race->kept, device, variant->needs);
	for (unsigned int i = 0; i < 2 * PER_LANE; i++)
		race->many[i / PER_LANE][i % PER_LANE] = (struct drm_file)DRM_FILE_CLOSED;
	if (variant->init)
		variant->init(race, device);
	race->guess = next_handle(&race->kept.file[0]);
	scenario.name = variant->name;
	scenario.ctx = race;
	scenario.hold = kept_hold;
	suite_race(suite, &scenario);
	for (unsigned int i = 0; i < 2 * PER_LANE; i++)
		drm_file_close(&race->many[i / PER_LANE][i % PER_LANE]);
	kept_finish(&race->kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
