// SPDX-License-Identifier: MIT
/*
 * What the oracles cost.
 *
 *	oracle [CARD]
 *
 * The ledger: microseconds for one look and for a clean settle, the median and the worst of 50.
 * The counters: microseconds to read them. Both together: what a subtest that leaves nothing pays.
 * Attempts of a race on CARD (/dev/dri/card0) without and with counters. Buffers created, exported
 * and closed in a second there, without probes, with counters, with the census' counts and
 * addresses, with its stacks, and without again: the last is the noise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <drm.h>
#include <drm_mode.h>

#include "attempts.h"
#include "oracle/census.h"
#include "oracle/counts.h"
#include "oracle/ledger.h"

#define LOOKS 50

/* What the looks before and after a subtest may take together. */
#define ALLOWED_US 20000.0

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static void print_times(const char *what, double us[LOOKS])
{
	qsort(us, LOOKS, sizeof(us[0]), by_value);
	printf("%-28s %8.0f us median, %8.0f us worst of %d\n", what, us[LOOKS / 2], us[LOOKS - 1],
	       LOOKS);
}

static int bench_ledger(void)
{
	double take[LOOKS], settle[LOOKS];
	struct ledger_diff *diff;
	struct ledger *ledger;
	int err = 0;

	for (int i = 0; !err && i < LOOKS; i++) {
		double start = now_us();

		err = ledger_take(NULL, &ledger);
		if (err)
			break;
		take[i] = now_us() - start;
		start = now_us();
		err = ledger_settle(ledger, LEDGER_SETTLE_MS, &diff);
		settle[i] = now_us() - start;
		if (!err && !i)
			ledger_report(diff, stdout);
		if (!err)
			ledger_diff_free(diff);
		ledger_free(ledger);
	}
	if (err)
		return err;
	print_times("ledger: one look", take);
	print_times("ledger: clean settle", settle);
	return 0;
}

/* Buffers created, exported and closed in a second, or -errno. */
static long churn(int fd)
{
	double end = now_us() + 1e6;
	long nr = 0;

	for (; now_us() < end; nr++) {
		struct drm_mode_create_dumb create = { .width = 64, .height = 64, .bpp = 32 };
		struct drm_prime_handle prime = { .flags = DRM_CLOEXEC };
		struct drm_gem_close close_handle = { 0 };

		if (ioctl(fd, DRM_IOCTL_MODE_CREATE_DUMB, &create))
			return -errno;
		prime.handle = close_handle.handle = create.handle;
		if (ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime))
			return -errno;
		close(prime.fd);
		if (ioctl(fd, DRM_IOCTL_GEM_CLOSE, &close_handle))
			return -errno;
	}
	return nr;
}

static int bench_reading(void)
{
	struct count count[COUNT_NR_KINDS];
	struct counts *counts;
	double us[LOOKS], start = now_us();
	int err = counts_open(NULL, true, &counts);

	if (err)
		return err;
	printf("%-28s %8.0f us\n", "counters: put in place", now_us() - start);
	for (int i = 0; !err && i < LOOKS; i++) {
		start = now_us();
		err = counts_read(counts, count);
		us[i] = now_us() - start;
	}
	if (!err)
		print_times("counters: read", us);
	start = now_us();
	counts_close(counts, false);
	printf("%-28s %8.0f us\n", "counters: removed", now_us() - start);
	return err;
}

/* As the accounts do it around a subtest, the counters in place: look, read; settle, read. */
static int bench_accounts(void)
{
	struct count count[COUNT_NR_KINDS];
	struct ledger_diff *diff;
	struct ledger *ledger;
	struct counts *counts;
	double us[LOOKS];
	int err = counts_open(NULL, true, &counts);

	if (err)
		return err;
	for (int i = 0; !err && i < LOOKS; i++) {
		double start = now_us();

		err = ledger_take(NULL, &ledger);
		if (err)
			break;
		err = counts_read(counts, count);
		if (!err)
			err = ledger_settle(ledger, LEDGER_SETTLE_MS, &diff);
		if (!err) {
			ledger_diff_free(diff);
			err = counts_read(counts, count);
		}
		us[i] = now_us() - start;
		ledger_free(ledger);
	}
	counts_close(counts, false);
	if (err)
		return err;
	print_times("around a clean subtest", us);
	printf("%-28s %s\n", "", us[LOOKS / 2] <= ALLOWED_US ? "within 20 ms" : "over 20 ms");
	return 0;
}

static int bench_probes(const char *card)
{
	static const struct {
		const char *what;
		bool counters, census, no_stacks;
	} rounds[] = {
		{ "no probes", false, false, false },
		{ "counters", true, false, false },
		{ "census: counts, addresses", false, true, true },
		{ "census: with stacks", false, true, false },
		{ "no probes, again", false, false, false },
	};
	int fd = open(card, O_RDWR | O_CLOEXEC);
	long nr = fd < 0 ? -errno : 0, first = 0;

	for (size_t i = 0; nr >= 0 && i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		struct census_opts opts = { .no_stacks = rounds[i].no_stacks };
		struct census *census = NULL;
		struct counts *counts = NULL;

		if (rounds[i].counters)
			nr = counts_open(NULL, true, &counts);
		if (rounds[i].census)
			nr = census_open(&opts, &census);
		if (nr >= 0)
			nr = churn(fd);
		census_close(census);
		counts_close(counts, false);
		if (nr < 0)
			break;
		if (!first)
			first = nr;
		printf("%-28s %8ld buffers/s, %+5.1f %%\n", rounds[i].what, nr,
		       100.0 * (nr - first) / first);
	}
	if (fd >= 0)
		close(fd);
	return nr < 0 ? nr : 0;
}

int main(int argc, char **argv)
{
	const char *card = argc > 1 ? argv[1] : "/dev/dri/card0";
	int err;

	if (argc > 2) {
		fprintf(stderr, "usage: oracle [CARD]\n");
		return 2;
	}
	err = bench_ledger();
	if (err)
		fprintf(stderr, "oracle: ledger: %s\n", strerror(-err));
	else if ((err = bench_reading()))
		fprintf(stderr, "oracle: counters: %s\n", strerror(-err));
	else if ((err = bench_accounts()))
		fprintf(stderr, "oracle: accounts: %s\n", strerror(-err));
	else if ((err = bench_attempts(card)))
		fprintf(stderr, "oracle: race on %s: %s\n", card, strerror(-err));
	else if ((err = bench_probes(card)))
		fprintf(stderr, "oracle: probes on %s: %s\n", card, strerror(-err));
	return err ? 1 : 0;
}
