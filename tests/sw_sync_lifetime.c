// SPDX-License-Identifier: MIT
/*
 * TEST: sw_sync_lifetime
 * Description:
 *   Fences that sw_sync lists without a reference on them.
 *
 *   A timeline of sw_sync walks its list of fences under a lock, and a fence takes itself off that
 *   list under the same lock when its last reference goes. For testing the kernel only, so nobody
 *   minded. What is stuck on that lock spins with interrupts off, and so does whoever reads
 *   sync/info then: no accounts are kept here.
 *
 * SUBTEST: inc-vs-close
 * Destructive: sw_sync walks a list of fences that it holds no reference on
 * Description:
 *   Moving a timeline on against closing the only sync_file of a fence on it. A broken kernel gives
 *   the walk a fence that is being freed.
 *
 * SUBTEST: close-timeline
 * Destructive: sw_sync releases a fence under the lock that the release takes
 * Description:
 *   Closing a timeline with a fence whose last reference is held by the callback of a dma-buf's
 *   poll: signaling it drops that reference. A broken kernel never comes back from the close.
 */
#include <errno.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "drm/sw_sync.h"
#include "drm/sync_file.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/fences.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/waiting.h"

#define COME_BACK_MS 5000 /* closing a file that nobody else uses */
#define PAUSE_US     10000

static const struct drm_io *const io = &drm_io_kernel;

/* ---- the walk ---- */

static int set_up(void *ctx)
{
	return fences_new(ctx, 0);
}

static void tear_down(void *ctx)
{
	struct fences *fences = ctx;

	fences->fd[0] = -1;
	fences_end(fences);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct fences *fences = ctx;

	return close(fences->fd[0]) ? -errno : 0;
}

static long op_inc(void *ctx, unsigned int lane)
{
	return fences_signal(ctx, 0);
}

static int check(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[0].ret[0], "close", why))
		return -1;
	return outcome_ok(attempt->lane[1].ret[0], "SW_SYNC_IOC_INC", why);
}

static void inc_vs_close(const struct suite *suite)
{
	struct fences fences;
	const struct race_scenario scenario = {
		.name = "inc-vs-close",
		.nlanes = 2,
		.lanes = {
			{ "close", { { "close", op_close } } },
			{ "inc", { { "SW_SYNC_IOC_INC", op_inc } } },
		},
		.ctx = &fences,
		.set_up = set_up,
		.tear_down = tear_down,
		.classify = outcome_both,
		.check = check,
	};

	fences_init(&fences, fence_sources[1], suite);
	suite_race(suite, &scenario);
	fences_finish(&fences);
}

/* ---- the lock ---- */

/*
 * A fence whose last reference is the callback's: the reservation gives its own up for a later
 * fence of the same timeline. Never returns on a broken kernel.
 */
static void close_it(int dmabuf)
{
	int timeline = sw_sync_require(io), first, second;

	first = sw_sync_create(io, timeline, 1);
	second = sw_sync_create(io, timeline, 2);
	dmabuf_import_sync_file(io, dmabuf, DMA_BUF_SYNC_WRITE, first);
	igt_assert_eq(__dmabuf_poll(dmabuf, POLLIN, 0), 0);
	dmabuf_import_sync_file(io, dmabuf, DMA_BUF_SYNC_WRITE, second);
	close(first);
	close(second);
	close(timeline);
}

/* In a process that nobody waits for longer: when it is stuck, no signal reaches it. */
static void close_timeline(const struct suite *suite)
{
	struct sys_wait wait;
	int dmabuf, status;
	struct drm_file file;
	pid_t pid;

	close(sw_sync_require(io));
	drm_file_open(suite->device[0].drm, &file);
	dmabuf = prime_handle_to_fd(&file, gem_create(&file, GEM_SMALL));
	drm_file_close(&file);
	fflush(NULL);
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		/* whoever reads what the test prints must not wait for this process */
		for (int fd = 0; fd < dmabuf; fd++)
			close(fd);
		close_it(dmabuf);
		_exit(0);
	}
	wait = sys_wait_for(COME_BACK_MS, PAUSE_US);
	while (!waitpid(pid, &status, WNOHANG))
		igt_assert_f(sys_wait_again(&wait),
			     "closing a timeline did not come back within %d ms\n", COME_BACK_MS);
	igt_assert_f(status == 0, "the process that closed the timeline: status %#x\n", status);
	close(dmabuf);
}

igt_main
{
	struct suite suite = { .unaccounted = true };

	igt_fixture
		suite_setup(&suite);

	igt_subtest("inc-vs-close")
		inc_vs_close(&suite);
	igt_subtest("close-timeline")
		close_timeline(&suite);
}
