// SPDX-License-Identifier: MIT
/*
 * TEST: sync_file_race
 * Description:
 *   Fences in sync_files, used while they are signaled and while the file is closed.
 *
 *   The first poll leaves a callback on the fence, and closing the file takes it off
 *   (sync_file_release()). A fence that is signaled lets go of its issuer under RCU (541c8f2468b9,
 *   Linux 7.2), so whoever asks for names, deadline or state meets either side. A broken kernel
 *   loses a wake-up, wakes up a freed file, or tells of a fence that is neither.
 *
 *   The fences are vgem's and, where debugfs has them, sw_sync's.
 *
 * SUBTEST: info-vs-signal
 * Description: SYNC_IOC_FILE_INFO against the signal: a state and names of before or after.
 *
 * SUBTEST: poll-vs-signal
 * Description: The first poll, which adds the callback, against the signal.
 *
 * SUBTEST: wait-vs-signal
 * Description: The same with a poll that waits: the wake-up must not be lost.
 *
 * SUBTEST: merge-vs-signal
 * Description: Merging two fences while one is signaled; the result waits for the other.
 *
 * SUBTEST: deadline-vs-signal
 * Description: SYNC_IOC_SET_DEADLINE against the signal.
 *
 * SUBTEST: info-vs-close
 * Description: SYNC_IOC_FILE_INFO against closing the sync_file.
 *
 * SUBTEST: merge-vs-close
 * Description: Merging against closing the second of the two files.
 *
 * SUBTEST: close-vs-signal
 * Description:
 *   Closing a polled sync_file against the signal, which walks the callbacks. A broken kernel
 *   wakes up a freed file.
 *
 * SUBTEST: signal-vs-signal
 * Description: One vgem fence signaled twice: exactly one call finds it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "drm/sync_file.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/fences.h"
#include "suite/outcome.h"
#include "suite/pair.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

static const struct drm_io *const io = &drm_io_kernel;

/* More than an irq_work and a scheduler need, also on an emulated CPU. */
#define WAKE_UP_MS 2000

struct sync_race {
	struct fences fences;
	int merged;
	bool closed; /* the first fence's fd, by a lane */
	struct sync_file_state state;
};

static int set_up_one(void *ctx)
{
	struct sync_race *race = ctx;

	race->merged = -1;
	race->closed = false;
	return fences_new(&race->fences, 0);
}

static int set_up_two(void *ctx)
{
	struct sync_race *race = ctx;
	int ret = set_up_one(ctx);

	return ret ? ret : fences_new(&race->fences, 1);
}

static int set_up_polled(void *ctx)
{
	struct sync_race *race = ctx;
	int ret = set_up_one(ctx);

	if (!ret)
		__sync_file_wait(race->fences.fd[0], 0);
	return ret;
}

static void tear_down(void *ctx)
{
	struct sync_race *race = ctx;

	if (race->closed)
		race->fences.fd[0] = -1;
	fences_end(&race->fences);
	sys_closep(&race->merged);
}

static long op_signal(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	return fences_signal(&race->fences, 0);
}

static long op_info(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	return __sync_file_info(io, race->fences.fd[0], &race->state);
}

static long op_poll(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	return __sync_file_wait(race->fences.fd[0], 0);
}

static long op_wait(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;
	long ret;

	outcome_wait_begins();
	ret = __sync_file_wait(race->fences.fd[0], WAKE_UP_MS);
	outcome_wait_ends();
	return ret;
}

static long op_merge(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	return __sync_file_merge(io, race->fences.fd[1], race->fences.fd[0], &race->merged);
}

static long op_deadline(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	return __sync_file_set_deadline(io, race->fences.fd[0], 1);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct sync_race *race = ctx;

	/* the number stays: the other lane uses it, on either side of the close */
	race->closed = true;
	return close(race->fences.fd[0]) ? -errno : 0;
}

static enum race_outcome by_state(void *ctx, const struct race_attempt *attempt)
{
	struct sync_race *race = ctx;

	return race->state.status == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

static enum race_outcome by_poll(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

/* A signaled fence is left out of what is merged. */
static enum race_outcome by_count(void *ctx, const struct race_attempt *attempt)
{
	struct sync_race *race = ctx;

	if (attempt->lane[0].ret[0] || __sync_file_info(io, race->merged, &race->state))
		return RACE_NEITHER;
	return race->state.count == 2 ? RACE_A_FIRST : RACE_B_FIRST;
}

static int check_signaled(struct sync_race *race, const struct race_attempt *attempt,
			  struct race_why *why)
{
	struct sync_file_state state;
	int ret;

	if (outcome_ok(attempt->lane[1].ret[0], "the signal", why))
		return -1;
	if (outcome_signaled(__sync_file_wait(race->fences.fd[0], 0), "poll of a signaled fence",
			     why))
		return -1;
	ret = __sync_file_info(io, race->fences.fd[0], &state);
	if (ret)
		return race_why(why, "FILE_INFO of a signaled fence: %s", strerror(-ret));
	if (state.status != 1 || state.count != 1 || !state.fence[0].signaled_ns)
		return race_why(why, "a signaled fence has status %d and %s time", state.status,
				state.fence[0].signaled_ns ? "a" : "no");
	return 0;
}

/* Its issuer's name, or what stands for it once the fence has let go of the issuer. */
static int check_info(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct sync_race *race = ctx;
	const struct sync_file_fence *fence = &race->state.fence[0];

	if (outcome_ok(attempt->lane[0].ret[0], "FILE_INFO", why))
		return -1;
	if (race->state.count != 1)
		return race_why(why, "one fence, but FILE_INFO tells %u", race->state.count);
	if (strcmp(fence->driver, race->fences.source->driver) &&
	    strcmp(fence->driver, "detached-driver"))
		return race_why(why, "a fence of driver '%s'", fence->driver);
	if (!*fence->timeline)
		return race_why(why, "a fence without a timeline");
	if (fence->status == 1 && !fence->signaled_ns)
		return race_why(why, "signaled at no time");
	return check_signaled(race, attempt, why);
}

static int check_poll(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[0].ret[0], "poll", why))
		return -1;
	return check_signaled(ctx, attempt, why);
}

static int check_wait(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (attempt->lane[0].ret[0] == 0 && outcome_slept_through(attempt, WAKE_UP_MS))
		return race_why(why, "poll slept through the signal, for %d ms", WAKE_UP_MS);
	return check_poll(ctx, attempt, why);
}

static int check_deadline(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[0].ret[0], "SET_DEADLINE", why))
		return -1;
	return check_signaled(ctx, attempt, why);
}

/* The other fence is not signaled yet: the merged one waits for it, and for nothing else. */
static int check_merge(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct sync_race *race = ctx;
	int ret;

	if (outcome_ok(attempt->lane[0].ret[0], "merge", why) || check_signaled(race, attempt, why))
		return -1;
	ret = __sync_file_wait(race->merged, 0);
	if (ret)
		return race_why(why, "merged with a fence that is not signaled, but %s",
				ret > 0 ? "signaled" : strerror(-ret));
	fences_signal(&race->fences, 1);
	return outcome_signaled(__sync_file_wait(race->merged, WAKE_UP_MS), "merged, all signaled",
				why);
}

/* The close always succeeds. EBADF is the reader's when the fd itself was gone, ENOENT merge's. */
static int check_closed(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "close", why))
		return -1;
	if (ret && ret != -EBADF && ret != -ENOENT)
		return race_why(why, "on a file that is being closed: %s", strerror(-ret));
	return 0;
}

static int check_close(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[0].ret[0], "close", why))
		return -1;
	return outcome_ok(attempt->lane[1].ret[0], "the signal", why);
}

static int check_signals(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	return outcome_only_one(attempt, ENOENT, "SIGNAL", "one fence, two signals", why);
}

/* Each side of a race is one call. */
static const struct race_lane reads_info = { "info", { { "FILE_INFO", op_info } } };
static const struct race_lane polls = { "poll", { { "poll", op_poll } } };
static const struct race_lane waits = { "wait", { { "poll", op_wait } } };
static const struct race_lane merges = { "merge", { { "MERGE", op_merge } } };
static const struct race_lane sets_deadline = { "deadline", { { "SET_DEADLINE", op_deadline } } };
static const struct race_lane signals = { "signal", { { "signal", op_signal } } };
static const struct race_lane closes = { "close", { { "close", op_close } } };

enum {
	VGEM_ONLY = 1 << 0,
	DEADLINE = 1 << 1, /* wants SYNC_IOC_SET_DEADLINE */
};

/* clang-format off */
static const struct race_pair pairs[] = {
	{ "info-vs-signal", { &reads_info, &signals }, set_up_one, by_state, check_info, 0 },
	{ "poll-vs-signal", { &polls, &signals }, set_up_one, by_poll, check_poll, 0 },
	{ "wait-vs-signal", { &waits, &signals }, set_up_one, outcome_by_sleep, check_wait, 0 },
	{ "merge-vs-signal", { &merges, &signals }, set_up_two, by_count, check_merge, 0 },
	{ "deadline-vs-signal", { &sets_deadline, &signals }, set_up_one, outcome_both,
	  check_deadline, DEADLINE },
	{ "info-vs-close", { &reads_info, &closes }, set_up_one, outcome_lane0, check_closed, 0 },
	{ "merge-vs-close", { &merges, &closes }, set_up_two, outcome_lane0, check_closed, 0 },
	{ "close-vs-signal", { &closes, &signals }, set_up_polled, outcome_both, check_close,
	  VGEM_ONLY },
	{ "signal-vs-signal", { &signals, &signals }, set_up_one, outcome_lane0, check_signals,
	  VGEM_ONLY },
};
/* clang-format on */

static void require_deadline(struct sync_race *race)
{
	igt_assert_eq(fences_new(&race->fences, 0), 0);
	igt_require_f(op_deadline(race, 0) != -ENOTTY, "no SYNC_IOC_SET_DEADLINE in this kernel\n");
	fences_end(&race->fences);
}

static void run(const struct suite *suite, const struct race_pair *pair,
		const struct fence_source *source)
{
	struct sync_race race = { .merged = -1 };
	const struct race_scenario scenario = race_pair_scenario(pair, &race, tear_down);

	fences_init(&race.fences, source, suite);
	if (pair->needs & DEADLINE)
		require_deadline(&race);
	suite_race(suite, &scenario);
	fences_finish(&race.fences);
}

static void run_with_each_source(const struct suite *suite, const struct race_pair *pair)
{
	for (volatile size_t i = 0; fence_sources[i]; i++)
		if (!(pair->needs & VGEM_ONLY) || fence_sources[i] == &fence_source_vgem)
			igt_dynamic(fence_sources[i]->name)
				run(suite, pair, fence_sources[i]);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	for (volatile size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		igt_subtest_with_dynamic(pairs[i].name)
			run_with_each_source(&suite, &pairs[i]);
}
