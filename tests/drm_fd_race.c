// SPDX-License-Identifier: MIT
/*
 * TEST: drm_fd_race
 * Description:
 *   Closing the drm fd against a call that is under way in it.
 *
 *   A call holds the drm file for as long as it takes; the last of the file's fds and calls
 *   releases it (drm_release()), in whichever task that happens to be, and the release gives back
 *   every handle. What the call has handed out by then belongs to nobody in that file any more: a
 *   dma-buf lives by its own fd alone, a name is gone with the last handle, an import has given
 *   back its references.
 *
 * SUBTEST: close-vs-*
 * Description:
 *   One thread makes the call while another closes the very fd that it uses. The call succeeds, or
 *   finds no file (EBADF). What was created and never shared is seen by leak detectors only.
 *
 * SUBTEST: dup-close-vs-*
 * Description:
 *   Two fds of one file: one thread makes the call and closes its own, another closes the
 *   duplicate. Either may release the file; the call always succeeds.
 *
 * SUBTEST: passed-close-vs-*
 * Description: The same with the second fd in another process, which got it through a socket.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/fdpass.h"
#include "sys/file.h"

struct fd_race {
	struct kept kept; /* file 0 has the object that is opened by name */
	const struct drm_device *device;
	const struct call *call;
	struct drm_file file; /* the raced one, new for each attempt */
	int second;           /* its other fd; in the other process that one's own */
	int pair[2];          /* the socket to there */
	uint32_t handle, name, made;
	int fd; /* that was exported; -1: none */
};

/* What is under way when the file is closed. */
struct call {
	const char *name;
	const char *ioctl;
	unsigned int needs; /* KEPT_* */
	int (*prepare)(struct fd_race *race);
	int (*make)(struct fd_race *race);
	int (*check)(struct fd_race *race, bool made, struct race_why *why);
};

static int prepare_handle(struct fd_race *race)
{
	return __gem_create(&race->file, GEM_SMALL, &race->handle);
}

static int prepare_nothing(struct fd_race *race)
{
	return 0;
}

static int prepare_name(struct fd_race *race)
{
	int ret = kept_handle(&race->kept, 0, &race->handle);

	if (!ret)
		ret = __gem_flink(&race->kept.file[0], race->handle, &race->name);
	return ret;
}

static int make_export(struct fd_race *race)
{
	return __prime_handle_to_fd(&race->file, race->handle, &race->fd);
}

static int make_flink(struct fd_race *race)
{
	return __gem_flink(&race->file, race->handle, &race->name);
}

static int make_import(struct fd_race *race)
{
	return __prime_fd_to_handle(&race->file, race->kept.fd, &race->made);
}

static int make_create(struct fd_race *race)
{
	return __gem_create(&race->file, GEM_SMALL, &race->made);
}

static int make_open(struct fd_race *race)
{
	return __gem_open(&race->file, race->name, &race->made, NULL);
}

static int check_export(struct fd_race *race, bool made, struct race_why *why)
{
	return made ? dmabuf_check_count(race->fd, 1, "the file is closed, only the fd", why) : 0;
}

static int check_flink(struct fd_race *race, bool made, struct race_why *why)
{
	return made ? name_check_reaped(&race->kept.file[1], race->name, why) : 0;
}

static int check_import(struct fd_race *race, bool made, struct race_why *why)
{
	return dmabuf_check_count(race->kept.fd, 1, "the file is closed, only the fd", why);
}

static int check_create(struct fd_race *race, bool made, struct race_why *why)
{
	return 0;
}

/* The other file's handle was the object's only one again: the name goes with it. */
static int check_open(struct fd_race *race, bool made, struct race_why *why)
{
	int ret = __gem_close(&race->kept.file[0], race->handle);

	race->handle = 0;
	if (ret)
		return race_why(why, "GEM_CLOSE of the other file's handle: %s", strerror(-ret));
	return name_check_reaped(&race->kept.file[1], race->name, why);
}

static const struct call calls[] = {
	{ "export", "PRIME_HANDLE_TO_FD", KEPT_PRIME, prepare_handle, make_export, check_export },
	{ "flink", "GEM_FLINK", KEPT_FLINK, prepare_handle, make_flink, check_flink },
	{ "import", "PRIME_FD_TO_HANDLE", KEPT_OBJECT, prepare_nothing, make_import, check_import },
	{ "create", "create", 0, prepare_nothing, make_create, check_create },
	{ "open", "GEM_OPEN", KEPT_FLINK, prepare_name, make_open, check_open },
};

static long op_call(void *ctx, unsigned int lane)
{
	struct fd_race *race = ctx;

	return race->call->make(race);
}

static long op_close_own(void *ctx, unsigned int lane)
{
	struct fd_race *race = ctx;

	return close(race->file.fd) ? -errno : 0;
}

static long op_close_second(void *ctx, unsigned int lane)
{
	struct fd_race *race = ctx;

	return close(race->second) ? -errno : 0;
}

static void clean_up(void *ctx)
{
	struct fd_race *race = ctx;

	sys_closep(&race->fd);
	if (race->handle && race->call->prepare == prepare_name)
		__gem_close(&race->kept.file[0], race->handle);
	race->handle = 0;
	race->file.fd = -1;
}

static int give_up(struct fd_race *race, int error)
{
	drm_file_close(&race->file);
	clean_up(race);
	return error;
}

static int open_file(struct fd_race *race)
{
	int ret;

	race->fd = -1;
	race->handle = race->name = race->made = 0;
	ret = __drm_file_open(&drm_io_kernel, race->device->primary, &race->file);
	if (ret)
		return ret;
	ret = race->call->prepare(race);
	return ret ? give_up(race, ret) : 0;
}

static int set_up_same(void *ctx)
{
	struct fd_race *race = ctx;
	int ret = open_file(race);

	race->second = race->file.fd;
	return ret;
}

static int set_up_dup(void *ctx)
{
	struct fd_race *race = ctx;
	int ret = open_file(race);

	if (ret)
		return ret;
	race->second = dup(race->file.fd);
	return race->second < 0 ? give_up(race, -errno) : 0;
}

static int set_up_passed(void *ctx)
{
	struct fd_race *race = ctx;
	int ret = open_file(race);

	if (ret)
		return ret;
	ret = sys_fd_send(race->pair[0], race->file.fd);
	return ret ? give_up(race, ret) : 0;
}

/* The other process's copy of the kept object's fd would count. */
static int forget_kept(void *ctx, unsigned int lane)
{
	struct fd_race *race = ctx;

	if (lane)
		sys_closep(&race->kept.fd);
	return 0;
}

static int receive(void *ctx, unsigned int lane)
{
	struct fd_race *race = ctx;

	if (!lane)
		return 0;
	race->second = sys_fd_receive(race->pair[1]);
	return race->second < 0 ? race->second : 0;
}

static int check_same(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fd_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok_or(ret, EBADF, race->call->ioctl, why) ||
	    outcome_ok(attempt->lane[1].ret[0], "close", why))
		return -1;
	return race->call->check(race, ret >= 0, why);
}

static int check_shared(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fd_race *race = ctx;

	if (outcome_ok(attempt->lane[0].ret[0], race->call->ioctl, why) ||
	    outcome_ok(attempt->lane[0].ret[1], "close", why) ||
	    outcome_ok(attempt->lane[1].ret[0], "close of the other fd", why))
		return -1;
	return race->call->check(race, true, why);
}

static const struct race_scenario same_fd = {
	.nlanes = 2,
	.lanes = {
		{ "call", { { "ioctl", op_call } } },
		{ "close", { { "close", op_close_second } } },
	},
	.set_up = set_up_same,
	.hold = kept_hold,
	.tear_down = clean_up,
	.classify = outcome_lane0,
	.check = check_same,
};

/* Everything succeeds; what differs is which close releases the file. */
static const struct race_scenario dup_fd = {
	.nlanes = 2,
	.lanes = {
		{ "call", { { "ioctl", op_call }, { "close", op_close_own } } },
		{ "close", { { "close", op_close_second } } },
	},
	.set_up = set_up_dup,
	.hold = kept_hold,
	.tear_down = clean_up,
	.classify = outcome_both,
	.check = check_shared,
};

static const struct race_scenario passed_fd = {
	.kind = RACE_PROCESSES,
	.nlanes = 2,
	.lanes = {
		{ "call", { { "ioctl", op_call }, { "close", op_close_own } } },
		{ "close", { { "close", op_close_second } } },
	},
	.start = forget_kept,
	.set_up = set_up_passed,
	.lane_set_up = receive,
	.hold = kept_hold,
	.tear_down = clean_up,
	.classify = outcome_both,
	.check = check_shared,
};

struct variant {
	const char *name;
	const struct race_scenario *scenario;
	const struct call *call;
};

static const struct variant variants[] = {
	{ "close-vs-export", &same_fd, &calls[0] },
	{ "close-vs-flink", &same_fd, &calls[1] },
	{ "close-vs-import", &same_fd, &calls[2] },
	{ "close-vs-create", &same_fd, &calls[3] },
	{ "close-vs-open", &same_fd, &calls[4] },
	{ "dup-close-vs-export", &dup_fd, &calls[0] },
	{ "dup-close-vs-import", &dup_fd, &calls[2] },
	{ "passed-close-vs-export", &passed_fd, &calls[0] },
	{ "passed-close-vs-flink", &passed_fd, &calls[1] },
	{ "passed-close-vs-import", &passed_fd, &calls[2] },
};

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct fd_race race = {
		.device = device,
		.call = variant->call,
		.file = DRM_FILE_CLOSED,
		.second = -1,
		.pair = { -1, -1 },
		.fd = -1,
	};

	kept_init(&race.kept, device, variant->call->needs);
	if (scenario.kind == RACE_PROCESSES)
		igt_assert_f(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, race.pair),
			     "no socket\n");
	scenario.name = variant->name;
	scenario.ctx = &race;
	suite_race(suite, &scenario);
	sys_closep(&race.pair[0]);
	sys_closep(&race.pair[1]);
	kept_finish(&race.kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
