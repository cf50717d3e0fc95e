// SPDX-License-Identifier: MIT
/*
 * TEST: reservation_race
 * Description:
 *   The fences in the reservation of a dma-buf, exported, imported and polled against each other,
 *   against the signal and against closing the dma-buf.
 *
 *   Export and import read and change the list of fences, the first under RCU, the second under the
 *   reservation's lock; signaled fences stay in it until somebody drops them. poll leaves a
 *   callback that holds the dma-buf's file until the fence is signaled, since ff2d23843f7f
 *   ("dma-buf/poll: Get a file reference for outstanding fence callbacks"). A broken kernel loses
 *   a fence or a wake-up, or the callback finds a freed dma-buf.
 *
 * SUBTEST: export-vs-signal
 * Description: The reservation's fence exported while it is signaled.
 *
 * SUBTEST: import-vs-signal
 * Description: A fence imported while it is signaled: the reservation must not wait for it.
 *
 * SUBTEST: poll-vs-signal
 * Description: The first poll of the dma-buf against the signal.
 *
 * SUBTEST: export-vs-import
 * Description: The fences exported while the first comes in.
 *
 * SUBTEST: import-vs-import
 * Description: Two fences imported at once: both must be in the reservation.
 *
 * SUBTEST: export-vs-close
 * Description: Export against closing the dma-buf's last fd.
 *
 * SUBTEST: import-vs-close
 * Description: Import against closing the dma-buf's last fd.
 *
 * SUBTEST: poll-vs-close
 * Description:
 *   poll, which leaves a callback, against closing the dma-buf's last fd; then the signal. On a
 *   broken kernel the callback finds a freed dma-buf.
 *
 * SUBTEST: export-keeps-no-fence
 * Description:
 *   Without a race: fences that were exported and imported are gone once they are signaled and
 *   their files closed. A broken kernel keeps one for each export.
 */
#include <errno.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
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

struct resv_race {
	struct fences fences;
	int dmabuf;   /* what the race is about; nothing but this fd holds it */
	bool closed;  /* by a lane */
	int exported; /* a sync_file */
};

static int new_dmabuf(struct resv_race *race)
{
	uint32_t handle;
	int ret;

	ret = __gem_create(&race->fences.file, GEM_SMALL, &handle);
	if (ret)
		return ret;
	ret = __prime_handle_to_fd(&race->fences.file, handle, &race->dmabuf);
	__gem_close(&race->fences.file, handle);
	return ret;
}

static int set_up(void *ctx)
{
	struct resv_race *race = ctx;
	int ret;

	race->exported = -1;
	race->dmabuf = -1;
	race->closed = false;
	ret = new_dmabuf(race);
	if (!ret)
		ret = fences_new(&race->fences, 0);
	if (ret)
		sys_closep(&race->dmabuf);
	return ret;
}

static void tear_down(void *ctx)
{
	struct resv_race *race = ctx;

	if (race->closed)
		race->dmabuf = -1;
	sys_closep(&race->dmabuf);
	sys_closep(&race->exported);
	fences_end(&race->fences);
}

static int set_up_with_fence(void *ctx)
{
	struct resv_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = __dmabuf_import_sync_file(io, race->dmabuf, DMA_BUF_SYNC_WRITE, race->fences.fd[0]);
	if (ret)
		tear_down(ctx);
	return ret;
}

static int set_up_two(void *ctx)
{
	struct resv_race *race = ctx;
	int ret = set_up(ctx);

	if (ret)
		return ret;
	ret = fences_new(&race->fences, 1);
	if (ret)
		sys_closep(&race->dmabuf);
	return ret;
}

static long op_signal(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	return fences_signal(&race->fences, 0);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	return __dmabuf_export_sync_file(io, race->dmabuf, DMA_BUF_SYNC_RW, &race->exported);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	return __dmabuf_import_sync_file(io, race->dmabuf, DMA_BUF_SYNC_WRITE, race->fences.fd[0]);
}

static long op_import_other(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	return __dmabuf_import_sync_file(io, race->dmabuf, DMA_BUF_SYNC_WRITE, race->fences.fd[1]);
}

static long op_poll(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	return __dmabuf_poll(race->dmabuf, POLLIN, 0);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct resv_race *race = ctx;

	/* the number stays: the other lane uses it, on either side of the close */
	race->closed = true;
	return close(race->dmabuf) ? -errno : 0;
}

/* What was exported is signaled when there was nothing to wait for yet. */
static enum race_outcome by_exported(void *ctx, const struct race_attempt *attempt)
{
	struct resv_race *race = ctx;

	if (attempt->lane[0].ret[0])
		return RACE_NEITHER;
	return __sync_file_wait(race->exported, 0) == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

/* Too late for the fence, the export gave a stub: one that was signaled at another time. */
static enum race_outcome by_identity(void *ctx, const struct race_attempt *attempt)
{
	struct sync_file_state fence, exported;
	struct resv_race *race = ctx;

	if (attempt->lane[0].ret[0] || __sync_file_info(io, race->fences.fd[0], &fence) ||
	    __sync_file_info(io, race->exported, &exported))
		return RACE_NEITHER;
	return exported.fence[0].signaled_ns == fence.fence[0].signaled_ns ? RACE_A_FIRST
									   : RACE_B_FIRST;
}

static enum race_outcome by_poll(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

static int check_exported(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct resv_race *race = ctx;

	if (outcome_all_ok(attempt, why))
		return -1;
	return outcome_signaled(__sync_file_wait(race->exported, 0),
				"exported from a signaled fence", why);
}

static int check_signaled(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct resv_race *race = ctx;

	if (outcome_all_ok(attempt, why))
		return -1;
	return outcome_signaled(__dmabuf_poll(race->dmabuf, POLLIN, 0), "a signaled reservation",
				why);
}

/* Until the signal it must be waited for, whoever came first. */
static int check_import(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct resv_race *race = ctx;
	int ret;

	if (outcome_all_ok(attempt, why))
		return -1;
	ret = __dmabuf_poll(race->dmabuf, POLLIN, 0);
	if (ret)
		return race_why(why, "with an unsignaled fence imported: %s",
				ret > 0 ? "nothing to wait for" : strerror(-ret));
	fences_signal(&race->fences, 0);
	return outcome_signaled(__dmabuf_poll(race->dmabuf, POLLIN, 0), "a signaled reservation",
				why);
}

static int check_imports(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct resv_race *race = ctx;
	struct sync_file_state state;
	int ret;

	if (outcome_all_ok(attempt, why))
		return -1;
	ret = (int)op_export(race, 0);
	if (!ret)
		ret = __sync_file_info(io, race->exported, &state);
	if (ret)
		return race_why(why, "cannot export what was imported: %s", strerror(-ret));
	if (state.count != 2)
		return race_why(why, "two fences imported, %u in the reservation", state.count);
	return 0;
}

static int check_closed(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[1].ret[0], "close", why))
		return -1;
	return outcome_ok_or(attempt->lane[0].ret[0], EBADF, "the call", why);
}

/* The callback outlives the dma-buf's last fd, and runs now. */
static int check_poll_closed(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct resv_race *race = ctx;

	if (check_closed(ctx, attempt, why))
		return -1;
	if (attempt->lane[0].ret[0] == 1)
		return race_why(why, "poll found no fence to wait for");
	return outcome_ok(fences_signal(&race->fences, 0), "the signal", why);
}

/* Each side of a race is one call. */
static const struct race_lane exports = { "export", { { "EXPORT_SYNC_FILE", op_export } } };
static const struct race_lane imports = { "import", { { "IMPORT_SYNC_FILE", op_import } } };
static const struct race_lane imports_other = { "import",
						{ { "IMPORT_SYNC_FILE", op_import_other } } };
static const struct race_lane polls = { "poll", { { "poll", op_poll } } };
static const struct race_lane signals = { "signal", { { "signal", op_signal } } };
static const struct race_lane closes = { "close", { { "close", op_close } } };

/* clang-format off */
static const struct race_pair pairs[] = {
	{ "export-vs-signal", { &exports, &signals }, set_up_with_fence, by_identity,
	  check_exported, 0 },
	{ "import-vs-signal", { &imports, &signals }, set_up, outcome_both, check_signaled, 0 },
	{ "poll-vs-signal", { &polls, &signals }, set_up_with_fence, by_poll, check_signaled, 0 },
	{ "export-vs-import", { &exports, &imports }, set_up, by_exported, check_import, 0 },
	{ "import-vs-import", { &imports, &imports_other }, set_up_two, outcome_both,
	  check_imports, 0 },
	{ "export-vs-close", { &exports, &closes }, set_up_with_fence, outcome_lane0,
	  check_closed, 0 },
	{ "import-vs-close", { &imports, &closes }, set_up, outcome_lane0, check_closed, 0 },
	{ "poll-vs-close", { &polls, &closes }, set_up_with_fence, outcome_lane0,
	  check_poll_closed, 0 },
};
/* clang-format on */

static void require_reservations(struct resv_race *race)
{
	int ret;

	igt_assert_eq(set_up(race), 0);
	ret = (int)op_export(race, 0);
	igt_require_f(ret != -ENOTTY, "no DMA_BUF_IOCTL_EXPORT_SYNC_FILE in this kernel\n");
	igt_assert_f(ret == 0, "DMA_BUF_IOCTL_EXPORT_SYNC_FILE: %s\n", strerror(-ret));
	tear_down(race);
}

static void run(const struct suite *suite, const struct race_pair *pair)
{
	struct resv_race race = { .dmabuf = -1, .exported = -1 };
	const struct race_scenario scenario = race_pair_scenario(pair, &race, tear_down);

	fences_init(&race.fences, &fence_source_vgem, suite);
	require_reservations(&race);
	suite_race(suite, &scenario);
	fences_finish(&race.fences);
}

#define FENCES 64

static void export_keeps_no_fence(const struct suite *suite)
{
	struct resv_race race = { .dmabuf = -1, .exported = -1 };
	struct census *census;
	int64_t left;

	fences_init(&race.fences, &fence_source_vgem, suite);
	require_reservations(&race);
	census = fences_count();
	for (int i = 0; i < FENCES; i++) {
		igt_assert_eq(set_up_with_fence(&race), 0);
		igt_assert_eq((int)op_export(&race, 0), 0);
		tear_down(&race);
	}
	fences_finish(&race.fences);
	left = fences_left(census, FENCES);
	igt_assert_f(left <= 0, "%lld fences are left of %d that were exported\n", (long long)left,
		     FENCES);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	for (volatile size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		igt_subtest(pairs[i].name)
			run(&suite, &pairs[i]);
	igt_subtest("export-keeps-no-fence")
		export_keeps_no_fence(&suite);
}
