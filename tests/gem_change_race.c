// SPDX-License-Identifier: MIT
/*
 * TEST: gem_change_race
 * Description: DRM_IOCTL_GEM_CHANGE_HANDLE against whatever else may be done with either handle.
 *
 * What the call means is in gem_change_handle. The first version had the object at both handles
 * during the change (53096728b891), a later one kept the old one live to the end (7164d78559b0), so
 * that a close in between took away the reference that the new handle counts on. Where the call is
 * off every subtest skips.
 *
 * SUBTEST: change-vs-close-old
 * Description:
 *   CHANGE_HANDLE against GEM_CLOSE of the old handle: exactly one of them gets it. A broken kernel
 *   lets both succeed, and leaves a new handle without a reference.
 *
 * SUBTEST: change-vs-close-old-and-free
 * Description: The same with nothing else holding the object.
 *
 * SUBTEST: change-vs-close-new
 * Description:
 *   CHANGE_HANDLE against GEM_CLOSE of the handle that it is about to take: too early, or it closes
 *   the object. A broken kernel closes half of it.
 *
 * SUBTEST: change-vs-change
 * Description: Two changes of one handle to different ones: exactly one succeeds.
 *
 * SUBTEST: change-vs-change-to-same
 * Description: Two changes of different handles to one free handle: exactly one succeeds.
 *
 * SUBTEST: flink-vs-change
 * Description: GEM_FLINK of the old handle finds the object or nothing; the name stays right.
 *
 * SUBTEST: map-offset-vs-change
 * Description: Asking where the new handle is mapped finds the object's own place or nothing.
 *
 * SUBTEST: export-vs-change
 * Description:
 *   Export of the old handle against its change: the file's cache leads to the new handle after it,
 *   with one reference. A broken kernel caches the dead handle.
 *
 * SUBTEST: export-vs-change-cached
 * Description: The same for an object that has its dma-buf already.
 *
 * SUBTEST: import-vs-change
 * Description:
 *   Import of the object's dma-buf against the change gives the handle it has then. A broken kernel
 *   gives the file two handles, or a dead one for ever.
 */
#include <errno.h>
#include <string.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/outcome.h"
#include "suite/pair.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

#define TARGET  1000u /* handles that no test comes to by counting */
#define TARGET2 2000u

struct change_race {
	struct kept kept;   /* all in file 0 */
	uint32_t handle[2]; /* the second: of another object, or 0 */
	uint32_t name, seen_name;
	uint64_t offset, seen_offset;
	uint32_t imported;
	int fd;
};

static const struct drm_file *file_of(struct change_race *race)
{
	return &race->kept.file[0];
}

static long op_change(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_change_handle(file_of(race), race->handle[0], TARGET);
}

static long op_change_elsewhere(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_change_handle(file_of(race), race->handle[0], TARGET2);
}

static long op_change_second(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_change_handle(file_of(race), race->handle[1], TARGET);
}

static long op_close_old(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_close(file_of(race), race->handle[0]);
}

static long op_close_new(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_close(file_of(race), TARGET);
}

static long op_flink(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_flink(file_of(race), race->handle[0], &race->seen_name);
}

static long op_map_offset(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __gem_mmap_offset(file_of(race), TARGET, &race->seen_offset);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __prime_handle_to_fd(file_of(race), race->handle[0], &race->fd);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct change_race *race = ctx;

	return __prime_fd_to_handle(file_of(race), race->kept.fd, &race->imported);
}

/* Whatever the outcome: all handles that there may be. Dead ones give -EINVAL. */
static void tear_down(void *ctx)
{
	struct change_race *race = ctx;

	__gem_close(file_of(race), TARGET);
	__gem_close(file_of(race), TARGET2);
	__gem_close(file_of(race), race->handle[0]);
	if (race->handle[1])
		__gem_close(file_of(race), race->handle[1]);
	sys_closep(&race->fd);
}

static int set_up(void *ctx)
{
	struct change_race *race = ctx;

	race->handle[1] = race->imported = 0;
	race->fd = -1;
	return kept_handle(&race->kept, 0, &race->handle[0]);
}

static int set_up_two(void *ctx)
{
	struct change_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __gem_create(file_of(race), GEM_SMALL, &race->handle[1]);
	if (ret)
		tear_down(ctx);
	return ret;
}

static int set_up_name(void *ctx)
{
	struct change_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __gem_flink(file_of(race), race->handle[0], &race->name);
	if (ret)
		tear_down(ctx);
	return ret;
}

static int set_up_offset(void *ctx)
{
	struct change_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __gem_mmap_offset(file_of(race), race->handle[0], &race->offset);
	if (ret)
		tear_down(ctx);
	return ret;
}

/* 0 when @handle is alive exactly as it should be. */
static int check_life(struct change_race *race, uint32_t handle, bool want, struct race_why *why)
{
	uint64_t offset;
	int ret = __gem_mmap_offset(file_of(race), handle, &offset);

	if (want && ret)
		return race_why(why, "handle %u is dead: %s", handle, strerror(-ret));
	if (!want && !ret)
		return race_why(why, "handle %u is alive", handle);
	return 0;
}

/* @handle is what is left of the object, or 0; with a kept object every reference is known. */
static int check_left(struct change_race *race, uint32_t handle, struct race_why *why)
{
	uint32_t imported;
	int ret;

	if (handle && check_life(race, handle, true, why))
		return -1;
	if (race->kept.fd < 0)
		return 0;
	if (!handle)
		return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
	ret = __prime_fd_to_handle(file_of(race), race->kept.fd, &imported);
	if (ret)
		return race_why(why, "the next import: %s", strerror(-ret));
	if (imported != handle)
		return race_why(why, "the object has handle %u, and the import gives %u", handle,
				imported);
	return dmabuf_check_count(race->kept.fd, race->fd >= 0 ? 4 : 3,
				  "each fd, the object's link, the file's cache", why);
}

static int check_close_old(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long changed = attempt->lane[0].ret[0], closed = attempt->lane[1].ret[0];
	struct change_race *race = ctx;

	if (outcome_ok_or(changed, ENOENT, "CHANGE_HANDLE", why) ||
	    outcome_ok_or(closed, EINVAL, "GEM_CLOSE", why))
		return -1;
	if (!changed == !closed)
		return race_why(why, "change and close of one handle: %s succeeded",
				changed ? "none" : "both");
	if (check_life(race, race->handle[0], false, why) ||
	    check_life(race, TARGET, !changed, why))
		return -1;
	return check_left(race, changed ? 0 : TARGET, why);
}

static int check_close_new(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long closed = attempt->lane[1].ret[0];
	struct change_race *race = ctx;

	if (outcome_ok(attempt->lane[0].ret[0], "CHANGE_HANDLE", why) ||
	    outcome_ok_or(closed, EINVAL, "GEM_CLOSE of the new handle", why) ||
	    check_life(race, race->handle[0], false, why) || check_life(race, TARGET, closed, why))
		return -1;
	return check_left(race, closed ? TARGET : 0, why);
}

static int check_changes(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	bool first = attempt->lane[0].ret[0] == 0;
	struct change_race *race = ctx;

	if (outcome_only_one(attempt, ENOENT, "CHANGE_HANDLE", "two changes of one handle", why) ||
	    check_life(race, race->handle[0], false, why) ||
	    check_life(race, first ? TARGET2 : TARGET, false, why))
		return -1;
	return check_left(race, first ? TARGET : TARGET2, why);
}

static int check_to_same(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long a = attempt->lane[0].ret[0], b = attempt->lane[1].ret[0];
	struct change_race *race = ctx;

	if (!a == !b)
		return race_why(why, "two changes to one handle: %s succeeded",
				a ? "none" : "both");
	if (a == -ENOMEM || b == -ENOMEM)
		return race_why(why, "no memory to change a handle");
	if (check_life(race, race->handle[!b], false, why) ||
	    check_life(race, race->handle[!a], true, why))
		return -1;
	return check_left(race, a ? race->handle[0] : TARGET, why);
}

static int check_look_up(struct change_race *race, const struct race_attempt *attempt,
			 struct race_why *why)
{
	if (outcome_ok_or(attempt->lane[0].ret[0], ENOENT, "the look-up", why) ||
	    outcome_ok(attempt->lane[1].ret[0], "CHANGE_HANDLE", why) ||
	    check_life(race, race->handle[0], false, why))
		return -1;
	return check_left(race, TARGET, why);
}

static int check_flink(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct change_race *race = ctx;

	if (check_look_up(race, attempt, why))
		return -1;
	if (!attempt->lane[0].ret[0] && race->seen_name != race->name)
		return race_why(why, "the object's name changed from %u to %u", race->name,
				race->seen_name);
	return name_check_kept(file_of(race), TARGET, race->name, why);
}

static int check_offset(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct change_race *race = ctx;

	if (check_look_up(race, attempt, why))
		return -1;
	if (!attempt->lane[0].ret[0] && race->seen_offset != race->offset)
		return race_why(why, "the new handle led to another object");
	return 0;
}

static int check_export(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct change_race *race = ctx;
	uint32_t imported;

	if (check_look_up(race, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	if (race->kept.fd >= 0)
		return dmabuf_check_inode(race->fd, race->kept.inode, why);
	if (__prime_fd_to_handle(file_of(race), race->fd, &imported) || imported != TARGET)
		return race_why(why, "the import does not give the new handle");
	return dmabuf_check_count(race->fd, 3, "the fd, the object's link, the file's cache", why);
}

/* An import gives the handle there is; it fell between the two only when it gives a third. */
static enum race_outcome classify_import(void *ctx, const struct race_attempt *attempt)
{
	struct change_race *race = ctx;

	return race->imported == race->handle[0] ? RACE_A_FIRST : RACE_B_FIRST;
}

static int check_import(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct change_race *race = ctx;

	if (outcome_ok(attempt->lane[0].ret[0], "import of an open dma-buf", why) ||
	    check_look_up(race, attempt, why))
		return -1;
	if (race->imported != race->handle[0] && race->imported != TARGET)
		return race_why(why, "import gives handle %u, neither %u nor %u", race->imported,
				race->handle[0], TARGET);
	return 0;
}

/* The look-up of the new handle finds it only when it is the later one. */
static enum race_outcome classify_late(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] ? RACE_A_FIRST : RACE_B_FIRST;
}

static const struct race_lane changes = { "change", { { "CHANGE_HANDLE", op_change } } };
static const struct race_lane changes_elsewhere = { "change",
						    { { "CHANGE_HANDLE", op_change_elsewhere } } };
static const struct race_lane changes_second = { "change",
						 { { "CHANGE_HANDLE", op_change_second } } };
static const struct race_lane closes_old = { "close", { { "GEM_CLOSE", op_close_old } } };
static const struct race_lane closes_new = { "close", { { "GEM_CLOSE", op_close_new } } };
static const struct race_lane flinks = { "flink", { { "GEM_FLINK", op_flink } } };
static const struct race_lane looks_up = { "look-up", { { "mmap offset", op_map_offset } } };
static const struct race_lane exports = { "export", { { "PRIME_HANDLE_TO_FD", op_export } } };
static const struct race_lane imports = { "import", { { "PRIME_FD_TO_HANDLE", op_import } } };

/* clang-format off */
static const struct race_pair pairs[] = {
	{ "change-vs-close-old", { &changes, &closes_old }, set_up, outcome_lane0,
	  check_close_old, KEPT_OBJECT },
	{ "change-vs-close-old-and-free", { &changes, &closes_old }, set_up, outcome_lane0,
	  check_close_old, 0 },
	{ "change-vs-close-new", { &changes, &closes_new }, set_up, outcome_lane1,
	  check_close_new, KEPT_OBJECT },
	{ "change-vs-change", { &changes, &changes_elsewhere }, set_up, outcome_lane0,
	  check_changes, KEPT_OBJECT },
	{ "change-vs-change-to-same", { &changes, &changes_second }, set_up_two, outcome_lane0,
	  check_to_same, KEPT_OBJECT },
	{ "flink-vs-change", { &flinks, &changes }, set_up_name, outcome_lane0,
	  check_flink, KEPT_OBJECT | KEPT_FLINK },
	{ "map-offset-vs-change", { &looks_up, &changes }, set_up_offset, classify_late,
	  check_offset, KEPT_OBJECT },
	{ "export-vs-change", { &exports, &changes }, set_up, outcome_lane0,
	  check_export, KEPT_PRIME },
	{ "export-vs-change-cached", { &exports, &changes }, set_up, outcome_lane0,
	  check_export, KEPT_OBJECT },
	{ "import-vs-change", { &imports, &changes }, set_up, classify_import,
	  check_import, KEPT_OBJECT },
};
/* clang-format on */

/* Where the call is off it is -EINVAL, whatever the handles. */
static void require_call(const struct drm_file *file)
{
	int ret = __gem_change_handle(file, TARGET, TARGET2);

	igt_require_f(ret != -EINVAL, "GEM_CHANGE_HANDLE is switched off or not there\n");
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct race_pair *pair = data;
	struct change_race race = { .fd = -1 };
	struct race_scenario scenario = race_pair_scenario(pair, &race, tear_down);

	scenario.hold = kept_hold;
	kept_init(&race.kept, device, pair->needs);
	require_call(&race.kept.file[0]);
	suite_race(suite, &scenario);
	kept_finish(&race.kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, pairs, run);
}
