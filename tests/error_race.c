// SPDX-License-Identifier: MIT
/*
 * TEST: error_race
 * Description:
 *   Error paths against other calls: PRIME calls whose n-th allocation fails, n changing from
 *   attempt to attempt, while another thread closes what they work on. An error path gives back
 *   locks and references in an order of its own, and with the other call in between. Needs a kernel
 *   with fault injection.
 *
 * SUBTEST: failing-export-vs-close
 * Description: PRIME_HANDLE_TO_FD against the GEM_CLOSE of the last handle.
 *
 * SUBTEST: failing-import-vs-close
 * Description:
 *   PRIME_FD_TO_HANDLE in one file against the GEM_CLOSE of the object's last handle in another.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/cries.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/fault.h"
#include "sys/fdtable.h"
#include "sys/file.h"

/* An export and an import make about half as many allocations and copies. */
#define MOST_FAULTS 24

struct error_race {
	struct kept kept;
	struct sys_fault fault; /* of lane 0's thread */
	unsigned int n;
	bool injected;
	uint32_t handle; /* that is closed, in file 0 */
	uint32_t made;   /* what the import gave, in file 1; 0: nothing */
	int fd;          /* what the export gave, -1: nothing */
	int next_fd;     /* where it would come */
	uint64_t faults; /* attempts in which an allocation failed */
};

static int start(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	return lane ? 0 : sys_fault_open(&race->fault);
}

static void finish(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	if (!lane)
		sys_fault_close(&race->fault);
}

static int set_up(void *ctx)
{
	struct error_race *race = ctx;

	race->n = race->n % MOST_FAULTS + 1;
	race->fd = -1;
	race->made = 0;
	race->next_fd = sys_lowest_fd();
	return race->next_fd < 0 ? race->next_fd : kept_handle(&race->kept, 0, &race->handle);
}

static long op_arm(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	return sys_fault_arm(&race->fault, race->n);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	return __prime_handle_to_fd(&race->kept.file[0], race->handle, &race->fd);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	return __prime_fd_to_handle(&race->kept.file[1], race->kept.fd, &race->made);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct error_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle);
}

/* Between the calls and classify(), in lane 0's thread too: what was armed must not hit others. */
static enum race_outcome classify(void *ctx, const struct race_attempt *attempt)
{
	struct error_race *race = ctx;

	race->injected = false;
	sys_fault_disarm(&race->fault, &race->injected);
	race->faults += race->injected;
	return RACE_BOTH;
}

static int check_calls(struct error_race *race, const struct race_attempt *attempt,
		       struct race_why *why)
{
	long ret = attempt->lane[0].ret[1];

	if (outcome_ok(attempt->lane[0].ret[0], "fail-nth", why) ||
	    outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why))
		return -1;
	if (ret < 0 && ret != -ENOENT && ret != -ENOMEM && ret != -EFAULT)
		return race_why(why, "failing allocation %u gives %s", race->n,
				strerror((int)-ret));
	if (!race->injected && (ret == -ENOMEM || ret == -EFAULT))
		return race_why(why, "%s, and nothing failed", strerror((int)-ret));
	return 0;
}

/* The answer is copied out last: where that fails, the fd is there and nobody was told. */
static int check_export(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct error_race *race = ctx;

	if (check_calls(race, attempt, why))
		return -1;
	if (attempt->lane[0].ret[1] == -EFAULT && fcntl(race->next_fd, F_GETFD) >= 0)
		race->fd = race->next_fd;
	if (attempt->lane[0].ret[1] == -ENOMEM && fcntl(race->next_fd, F_GETFD) >= 0)
		return race_why(why, "the export failed, and fd %d is there", race->next_fd);
	return dmabuf_check_count(race->kept.fd, race->fd >= 0 ? 2 : 1,
				  "no handle is left, only fds", why);
}

/* The same with the handle, the only one that file has. */
static int check_import(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct error_race *race = ctx;

	if (check_calls(race, attempt, why))
		return -1;
	if (attempt->lane[0].ret[1] == -EFAULT && !__gem_close(&race->kept.file[1], 1))
		return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
	return dmabuf_check_count(race->kept.fd, race->made ? 3 : 1,
				  race->made ? "the fd, the object's link, the file's cache"
					     : "no handle is left, only the fd",
				  why);
}

static void tear_down(void *ctx)
{
	struct error_race *race = ctx;

	sys_closep(&race->fd);
	if (race->made)
		__gem_close(&race->kept.file[1], race->made);
}

static const struct variant {
	const char *name;
	struct race_lane lane; /* against the close */
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
} variants[] = {
	{ "failing-export-vs-close",
	  { "export", { { "fail-nth", op_arm }, { "PRIME_HANDLE_TO_FD", op_export } } },
	  check_export },
	{ "failing-import-vs-close",
	  { "import", { { "fail-nth", op_arm }, { "PRIME_FD_TO_HANDLE", op_import } } },
	  check_import },
};

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct error_race race = { .fault.nth = -1, .fd = -1 };
	const struct race_scenario scenario = {
		.name = variant->name,
		.flip_by = RACE_FLIP_BY_END,
		.nlanes = 2,
		.lanes = { variant->lane, { "close", { { "GEM_CLOSE", op_close } } } },
		.ctx = &race,
		.start = start,
		.finish = finish,
		.set_up = set_up,
		.hold = kept_hold,
		.tear_down = tear_down,
		.classify = classify,
		.check = variant->check,
	};
	int ret = sys_fault_open(&race.fault);

	sys_fault_close(&race.fault);
	igt_require_f(ret == 0, "no fault injection: %s\n", strerror(-ret));
	suite_overlook_failed_allocations();
	kept_init(&race.kept, device, KEPT_OBJECT);
	suite_race(suite, &scenario);
	kept_finish(&race.kept);
	igt_info("an allocation failed in %llu attempts\n", (unsigned long long)race.faults);
	igt_require_f(race.faults, "underpowered: no allocation failed\n");
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
