// SPDX-License-Identifier: MIT
/*
 * TEST: syncobj_race
 * Description:
 *   Sync objects used while they are signaled, reset, destroyed and closed.
 *
 *   A handle and each fd hold a reference on the object, a waiter and an eventfd hang on its list or
 *   on the fence that it has, and drm_syncobj_replace_fence() and drm_syncobj_add_point() wake both
 *   under the object's lock. Whoever comes too late must find nothing; whoever comes in time must
 *   be woken up. A broken kernel uses a freed object, forgets a waiter, or leaks fences.
 *
 * SUBTEST: handle-to-fd-vs-destroy
 * Description: An fd made while the last handle goes: it works, or there is none.
 *
 * SUBTEST: fd-to-handle-vs-close
 * Description: A handle made of an fd that is closed meanwhile, the last to hold the object.
 *
 * SUBTEST: destroy-vs-destroy
 * Description: One handle, destroyed twice: exactly one succeeds.
 *
 * SUBTEST: wait-vs-destroy
 * Description: Waiting for a fence against destroying the handle.
 *
 * SUBTEST: wait-vs-signal
 * Description: Waiting for a fence to come, against its coming: the wake-up must not be lost.
 *
 * SUBTEST: wait-vs-point
 * Description: The same for a point of a timeline.
 *
 * SUBTEST: signal-vs-reset
 * Description: The last of the two decides, and nothing else.
 *
 * SUBTEST: signal-vs-destroy
 * Description: Signaling an object whose handle goes.
 *
 * SUBTEST: point-vs-point
 * Description: Two points added to one timeline at once: both are signaled in the end.
 *
 * SUBTEST: query-vs-point
 * Description: The timeline asked for its point while one is added.
 *
 * SUBTEST: transfer-vs-signal
 * Description: A fence copied to another object while it is put into the first.
 *
 * SUBTEST: transfer-vs-destroy
 * Description: A fence copied to another object while the source's handle goes.
 *
 * SUBTEST: eventfd-vs-point
 * Description: An eventfd registered while its point comes: it is told, once.
 *
 * SUBTEST: eventfd-vs-destroy
 * Description: An eventfd registered while the handle goes, which frees what waits.
 *
 * SUBTEST: export-vs-import
 * Description: The fence exported as a sync_file while the first is imported.
 *
 * SUBTEST: import-vs-reset
 * Description: A sync_file imported while the object is emptied.
 *
 * SUBTEST: export-vs-reset
 * Description: The fence exported while it is taken out, which drops the last reference but one.
 */
#include <drm.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drm/file.h"
#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/clock.h"
#include "sys/file.h"

/* More than the scheduler needs, also on an emulated CPU. */
#define WAKE_UP_MS 2000

#define WAIT_FOR_SUBMIT DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT

struct syncobj_race {
	struct drm_file file;
	uint32_t handle, other; /* other: a second object, for transfers */
	uint32_t imported;      /* a lane's new handle */
	int fd;                 /* of the object, or a sync_file */
	bool closed;            /* by a lane */
	int made;               /* a lane's new fd */
	int event;
	uint64_t point;
};

static int64_t in_time(void)
{
	return (int64_t)(sys_now_ms() + WAKE_UP_MS) * 1000000;
}

/* ---- before and after an attempt ---- */

/* The handle may be gone already, by a lane. */
static void tear_down(void *ctx)
{
	struct syncobj_race *race = ctx;

	__syncobj_destroy(&race->file, race->handle);
	if (race->imported)
		__syncobj_destroy(&race->file, race->imported);
	__syncobj_reset(&race->file, race->other);
	if (race->closed)
		race->fd = -1;
	sys_closep(&race->fd);
	sys_closep(&race->made);
}

static int set_up(void *ctx)
{
	struct syncobj_race *race = ctx;

	race->imported = 0;
	race->fd = -1;
	race->made = -1;
	race->closed = false;
	race->point = 0;
	return __syncobj_create(&race->file, 0, &race->handle);
}

static int set_up_signaled(void *ctx)
{
	struct syncobj_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __syncobj_signal(&race->file, race->handle);
	if (ret)
		tear_down(ctx);
	return ret;
}

/* The object is held by its fd alone. */
static int set_up_fd(void *ctx)
{
	struct syncobj_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __syncobj_handle_to_fd(&race->file, race->handle, &race->fd);
	__syncobj_destroy(&race->file, race->handle);
	return ret;
}

/* A sync_file to be imported: signaled, for there is no other without a GPU's work. */
static int set_up_sync_file(void *ctx)
{
	struct syncobj_race *race = ctx;
	int ret = set_up_signaled(ctx);

	if (ret)
		return ret;
	ret = __syncobj_export_sync_file(&race->file, race->handle, &race->fd);
	if (!ret)
		ret = __syncobj_reset(&race->file, race->handle);
	if (ret)
		tear_down(ctx);
	return ret;
}

static int set_up_event(void *ctx)
{
	struct syncobj_race *race = ctx;
	uint64_t count;

	/* what an earlier attempt left; there may be nothing, which is EAGAIN */
	if (read(race->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return -errno;
	return set_up(ctx);
}

/* ---- what the lanes do ---- */

static long wait_for(struct syncobj_race *race, uint64_t point)
{
	long ret;

	outcome_wait_begins();
	ret = __syncobj_wait(&race->file, race->handle, point, in_time(), WAIT_FOR_SUBMIT);
	outcome_wait_ends();
	return ret;
}

#define OP(name, call)                                                                             \
	static long op_##name(void *ctx, unsigned int lane)                                        \
	{                                                                                          \
		struct syncobj_race *race = ctx;                                                   \
                                                                                                   \
		return call;                                                                       \
	}

OP(destroy, __syncobj_destroy(&race->file, race->handle))
OP(handle_to_fd, __syncobj_handle_to_fd(&race->file, race->handle, &race->made))
OP(fd_to_handle, __syncobj_fd_to_handle(&race->file, race->fd, &race->imported))
OP(signal, __syncobj_signal(&race->file, race->handle))
OP(reset, __syncobj_reset(&race->file, race->handle))
OP(point, __syncobj_timeline_signal(&race->file, race->handle, 1))
OP(next_point, __syncobj_timeline_signal(&race->file, race->handle, 2))
OP(query, __syncobj_query(&race->file, race->handle, &race->point))
OP(transfer, __syncobj_transfer(&race->file, race->other, 0, race->handle, 0, 0))
OP(wait, wait_for(race, 0))
OP(wait_point, wait_for(race, 1))
OP(look, __syncobj_wait(&race->file, race->handle, 0, 0, 0))
OP(eventfd, __syncobj_eventfd(&race->file, race->handle, 1, 0, race->event))
OP(import, __syncobj_import_sync_file(&race->file, race->handle, race->fd))
OP(export, __syncobj_export_sync_file(&race->file, race->handle, &race->made))

static long op_close(void *ctx, unsigned int lane)
{
	struct syncobj_race *race = ctx;

	/* the number stays: the other lane uses it, on either side of the close */
	race->closed = true;
	return close(race->fd) ? -errno : 0;
}

/* ---- what must have come of it ---- */

/* The signal was second exactly when the fence is there in the end. */
static enum race_outcome by_fence(void *ctx, const struct race_attempt *attempt)
{
	return op_look(ctx, 0) ? RACE_A_FIRST : RACE_B_FIRST;
}

static enum race_outcome by_point(void *ctx, const struct race_attempt *attempt)
{
	struct syncobj_race *race = ctx;

	return race->point == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

static int check_both(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	return outcome_all_ok(attempt, why);
}

/* ENOENT, or EINVAL from those calls that have only that, for a handle or fd that went. */
static int check_gone(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "the end of the object", why))
		return -1;
	if (ret && ret != -ENOENT && ret != -EINVAL)
		return race_why(why, "too late: %s", strerror((int)-ret));
	return 0;
}

static int check_fd(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;
	uint32_t handle;
	int ret;

	if (check_gone(ctx, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __syncobj_fd_to_handle(&race->file, race->made, &handle);
	if (ret)
		return race_why(why, "the fd of an object gives no handle: %s", strerror(-ret));
	ret = __syncobj_wait(&race->file, handle, 0, 0, 0);
	__syncobj_destroy(&race->file, handle);
	return ret ? race_why(why, "the object lost its fence: %s", strerror(-ret)) : 0;
}

static int check_handle(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;
	int ret;

	if (check_gone(ctx, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __syncobj_signal(&race->file, race->imported);
	return ret ? race_why(why, "a new handle is dead: %s", strerror(-ret)) : 0;
}

static int check_destroys(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	return outcome_only_one(attempt, EINVAL, "DESTROY", "one handle destroyed twice", why);
}

static int check_wait(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (attempt->lane[0].ret[0] != -ETIME)
		return check_both(ctx, attempt, why);
	if (outcome_slept_through(attempt, WAKE_UP_MS))
		return race_why(why, "slept through the signal, for %d ms", WAKE_UP_MS);
	return outcome_ok(attempt->lane[1].ret[0], "the signal", why);
}

static int check_points(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;
	int ret;

	if (check_both(ctx, attempt, why))
		return -1;
	for (uint64_t point = 1; point <= 2; point++) {
		ret = __syncobj_wait(&race->file, race->handle, point, 0, 0);
		/* point 1 on top of 2 is a timeline that runs backwards: 2 is hidden then */
		if (ret && !(point == 2 && ret == -EINVAL))
			return race_why(why, "point %llu: %s", (unsigned long long)point,
					strerror(-ret));
	}
	return 0;
}

static int check_query(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;

	if (check_both(ctx, attempt, why))
		return -1;
	if (race->point > 1)
		return race_why(why, "point 1 was added, the timeline is at %llu",
				(unsigned long long)race->point);
	return 0;
}

/* Without a fence there is nothing to copy; else the copy is as signaled as the fence. */
static int check_transfer(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;
	int ret;

	if (check_gone(ctx, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	ret = __syncobj_wait(&race->file, race->other, 0, 0, 0);
	return ret ? race_why(why, "a signaled fence was copied: %s", strerror(-ret)) : 0;
}

static int check_event(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;
	uint64_t count = 0;

	if (check_both(ctx, attempt, why))
		return -1;
	if (read(race->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return race_why(why, "reading the eventfd: %s", strerror(errno));
	if (count != 1)
		return race_why(why, "the point came, the eventfd was told %llu times",
				(unsigned long long)count);
	return 0;
}

static int check_exported(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct syncobj_race *race = ctx;

	if (check_gone(ctx, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0])
		return 0;
	return outcome_signaled(__sync_file_wait(race->made, 0), "a signaled fence was exported",
				why);
}

struct variant {
	const char *name; /* lane 0 and lane 1, with "-vs-" between them */
	long (*ops[2])(void *ctx, unsigned int lane);
	int (*set_up)(void *ctx);
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
	bool timeline; /* wants them */
};

/* clang-format off */
static const struct variant variants[] = {
	{ "handle-to-fd-vs-destroy", { op_handle_to_fd, op_destroy }, set_up_signaled,
	  outcome_lane0, check_fd, false },
	{ "fd-to-handle-vs-close", { op_fd_to_handle, op_close }, set_up_fd,
	  outcome_lane0, check_handle, false },
	{ "destroy-vs-destroy", { op_destroy, op_destroy }, set_up,
	  outcome_lane0, check_destroys, false },
	{ "wait-vs-destroy", { op_look, op_destroy }, set_up_signaled,
	  outcome_lane0, check_gone, false },
	{ "wait-vs-signal", { op_wait, op_signal }, set_up,
	  outcome_by_sleep, check_wait, false },
	{ "wait-vs-point", { op_wait_point, op_point }, set_up,
	  outcome_by_sleep, check_wait, true },
	{ "signal-vs-reset", { op_signal, op_reset }, set_up,
	  by_fence, check_both, false },
	{ "signal-vs-destroy", { op_signal, op_destroy }, set_up,
	  outcome_lane0, check_gone, false },
	{ "point-vs-point", { op_point, op_next_point }, set_up,
	  outcome_both, check_points, true },
	{ "query-vs-point", { op_query, op_point }, set_up,
	  by_point, check_query, true },
	{ "transfer-vs-signal", { op_transfer, op_signal }, set_up,
	  outcome_lane0, check_transfer, true },
	{ "transfer-vs-destroy", { op_transfer, op_destroy }, set_up_signaled,
	  outcome_lane0, check_transfer, true },
	{ "eventfd-vs-point", { op_eventfd, op_point }, set_up_event,
	  outcome_both, check_event, true },
	{ "eventfd-vs-destroy", { op_eventfd, op_destroy }, set_up_event,
	  outcome_lane0, check_gone, true },
	{ "export-vs-import", { op_export, op_import }, set_up_sync_file,
	  outcome_lane0, check_exported, false },
	{ "import-vs-reset", { op_import, op_reset }, set_up_sync_file,
	  by_fence, check_both, false },
	{ "export-vs-reset", { op_export, op_reset }, set_up_signaled,
	  outcome_lane0, check_exported, false },
};
/* clang-format on */

static void open_race(struct syncobj_race *race, const struct drm_device *device, bool timeline)
{
	drm_file_open(device, &race->file);
	syncobj_require(&race->file, timeline);
	race->other = syncobj_create(&race->file, 0);
	race->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	igt_assert_fd(race->event);
}

static void close_race(struct syncobj_race *race)
{
	sys_closep(&race->event);
	drm_file_close(&race->file);
}

/* The ioctl is younger than timelines. Handle 0 is never given out. */
static void require_eventfd(const struct syncobj_race *race)
{
	int ret = __syncobj_eventfd(&race->file, 0, 1, 0, race->event);

	igt_require_f(ret == -ENOENT, "no SYNCOBJ_EVENTFD in this kernel: %s\n", strerror(-ret));
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	const char *vs = strstr(variant->name, "-vs-");
	struct syncobj_race race = { 0 };
	char lanes[2][32];
	struct race_scenario scenario = {
		.name = variant->name,
		.nlanes = 2,
		.lanes = {
			{ lanes[0], { { lanes[0], variant->ops[0] } } },
			{ lanes[1], { { lanes[1], variant->ops[1] } } },
		},
		.ctx = &race,
		.set_up = variant->set_up,
		.tear_down = tear_down,
		.classify = variant->classify,
		.check = variant->check,
	};

	snprintf(lanes[0], sizeof(lanes[0]), "%.*s", (int)(vs - variant->name), variant->name);
	snprintf(lanes[1], sizeof(lanes[1]), "%s", vs + 4);
	open_race(&race, device, variant->timeline);
	if (variant->set_up == set_up_event)
		require_eventfd(&race);
	suite_race(suite, &scenario);
	close_race(&race);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
