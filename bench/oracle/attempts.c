// SPDX-License-Identifier: MIT
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <drm.h>
#include <drm_mode.h>

#include "oracle/counts.h"
#include "race/race.h"

#define ROUNDS  7
#define RACE_MS 1000

struct card {
	int fd;
	uint32_t handle;
};

static int create(void *ctx)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	struct card *card = ctx;

	if (ioctl(card->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -errno;
	card->handle = dumb.handle;
	return 0;
}

static long call_close(void *ctx, unsigned int lane)
{
	const struct card *card = ctx;
	struct drm_gem_close args = { .handle = card->handle };

	return ioctl(card->fd, DRM_IOCTL_GEM_CLOSE, &args) ? -errno : 0;
}

static long call_export(void *ctx, unsigned int lane)
{
	const struct card *card = ctx;
	struct drm_prime_handle args = { .handle = card->handle, .flags = DRM_CLOEXEC };

	return ioctl(card->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args) ? -errno : args.fd;
}

static enum race_outcome classify(void *ctx, const struct race_attempt *attempt)
{
	long fd = attempt->lane[1].ret[0];

	if (attempt->lane[0].ret[0])
		return RACE_NEITHER;
	if (fd < 0)
		return RACE_A_FIRST;
	close((int)fd);
	return RACE_B_FIRST;
}

static int run(struct card *card, bool counted, double *ret_per_s)
{
	const struct race_scenario scenario = {
		.name = "export-against-gem-close",
		.nlanes = 2,
		.ctx = card,
		.lanes = { { "gem-close", { { "GEM_CLOSE", call_close } } },
			   { "export", { { "PRIME_HANDLE_TO_FD", call_export } } } },
		.set_up = create,
		.classify = classify,
	};
	const struct race_options options = {
		.time_ms = RACE_MS,
		.seed = 1,
		.perturb = "none", /* which take their time whether probes are there or not */
	};
	static struct race_report report;
	struct counts *counts = NULL;
	int err = counted ? counts_open(NULL, true, &counts) : 0;

	if (err)
		return err;
	err = race_run(&scenario, &options, &report);
	counts_close(counts, false);
	if (!err)
		*ret_per_s = (double)report.attempts / report.seconds;
	return err;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static void print(double without[ROUNDS], double with[ROUNDS])
{
	double median, lost;

	qsort(without, ROUNDS, sizeof(*without), by_value);
	qsort(with, ROUNDS, sizeof(*with), by_value);
	median = without[ROUNDS / 2];
	lost = 100 * (median - with[ROUNDS / 2]) / median;
	printf("%-28s %8.0f attempts/s, median of %d; the middle half within %.1f %%\n",
	       "race: no probes", median, ROUNDS,
	       100 * (without[ROUNDS * 3 / 4] - without[ROUNDS / 4]) / median);
	printf("%-28s %8.0f attempts/s, %+.1f %%\n", "race: counters", with[ROUNDS / 2], -lost);
}

int bench_attempts(const char *path)
{
	struct card card = { .fd = open(path, O_RDWR | O_CLOEXEC) };
	double without[ROUNDS], with[ROUNDS];
	int err = card.fd < 0 ? -errno : 0;

	/* In turns, so that what disturbs one disturbs both; who begins changes too. */
	for (int i = 0; !err && i < ROUNDS; i++) {
		err = run(&card, i % 2, i % 2 ? &with[i] : &without[i]);
		if (!err)
			err = run(&card, !(i % 2), i % 2 ? &without[i] : &with[i]);
	}
	if (!err)
		print(without, with);
	if (card.fd >= 0)
		close(card.fd);
	return err;
}
