// SPDX-License-Identifier: MIT
/*
 * The engine on a real DRM device: how many aligned attempts a second, how close, and what it
 * costs over a bare spin barrier doing the same calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xf86drm.h>

#include "bare.h"

struct card {
	int fd;
	int dma_buf; /* of one buffer that stays alive */
	uint32_t handle;
};

static int gem_close(struct card *card, uint32_t handle)
{
	struct drm_gem_close args = { .handle = handle };

	return drmIoctl(card->fd, DRM_IOCTL_GEM_CLOSE, &args) ? -errno : 0;
}

static int import(void *ctx)
{
	struct card *card = ctx;

	return drmPrimeFDToHandle(card->fd, card->dma_buf, &card->handle) ? -errno : 0;
}

static long call_close(void *ctx, unsigned int lane)
{
	struct card *card = ctx;

	return gem_close(card, card->handle);
}

static long call_import(void *ctx, unsigned int lane)
{
	struct card *card = ctx;
	uint32_t handle;

	return drmPrimeFDToHandle(card->fd, card->dma_buf, &handle) ? -errno : (long)handle;
}

static long call_export(void *ctx, unsigned int lane)
{
	struct card *card = ctx;
	int fd;

	return drmPrimeHandleToFD(card->fd, card->handle, DRM_CLOEXEC, &fd) ? -errno : fd;
}

/*
 * An import that came first returned the handle that was then closed; one that came second made a
 * new one, which is still there, and is closed with this question.
 */
static enum race_outcome classify_import(void *ctx, const struct race_attempt *attempt)
{
	long handle = attempt->lane[1].ret[0];

	if (attempt->lane[0].ret[0] || handle < 0)
		return RACE_NEITHER;
	return gem_close(ctx, (uint32_t)handle) ? RACE_B_FIRST : RACE_A_FIRST;
}

static enum race_outcome classify_export(void *ctx, const struct race_attempt *attempt)
{
	long fd = attempt->lane[1].ret[0];

	if (attempt->lane[0].ret[0])
		return RACE_NEITHER;
	if (fd < 0)
		return RACE_A_FIRST;
	close((int)fd);
	return RACE_B_FIRST;
}

static int open_card(const char *path, const char *driver, struct card *ret_card)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = 64, .bpp = 32 };
	char found[64];
	int i;

	ret_card->fd = -1;
	for (i = 0; i < 16 && ret_card->fd < 0; i++) {
		drmVersionPtr version;

		snprintf(found, sizeof(found), "/dev/dri/card%d", i);
		ret_card->fd = open(path ? path : found, O_RDWR | O_CLOEXEC);
		if (ret_card->fd < 0 || path)
			break;
		version = drmGetVersion(ret_card->fd);
		if (!version || strcmp(version->name, driver)) {
			close(ret_card->fd);
			ret_card->fd = -1;
		}
		drmFreeVersion(version);
	}
	if (ret_card->fd < 0) {
		fprintf(stderr, "race-drm: no %s device\n", path ? path : driver);
		return -ENODEV;
	}
	if (drmIoctl(ret_card->fd, DRM_IOCTL_MODE_CREATE_DUMB, &dumb) ||
	    drmPrimeHandleToFD(ret_card->fd, dumb.handle, DRM_CLOEXEC, &ret_card->dma_buf) ||
	    gem_close(ret_card, dumb.handle)) {
		fprintf(stderr, "race-drm: no buffer: %s\n", strerror(errno));
		return -errno;
	}
	return 0;
}

static void print(const struct race_report *report, const double *bare_per_s)
{
	double aligned_per_s = (double)report->aligned / report->seconds;
	double per_s = (double)report->attempts / report->seconds;
	unsigned int i;

	printf("  %s: %s\n", race_verdict_name(report->verdict), report->reason);
	printf("  aligned attempts/s  %.0f (of %.0f; %s)\n", aligned_per_s, per_s,
	       report->preflight.tsc_deadline ? "TSC deadline" : "barrier");
	printf("  alignment p10..p90  %.0f..%.0f ns (preflight %.0f..%.0f)\n", report->skew_ns[0],
	       report->skew_ns[2], report->preflight.skew_ns[0], report->preflight.skew_ns[2]);
	printf("  near a flip         %.1f %%\n",
	       100.0 * (double)report->near_flip / (double)report->attempts);
	printf("  durations           %.0f and %.0f ns\n", report->duration_ns[0],
	       report->duration_ns[1]);
	printf("  bare barrier/s      %.0f: overhead %.2fx\n", bare_per_s[0],
	       bare_per_s[0] / per_s);
	printf("  ... at the flip     %.0f: overhead %.2fx\n", bare_per_s[1],
	       bare_per_s[1] / per_s);
	for (i = 0; i < RACE_OUTCOMES; i++)
		if (report->outcomes[i])
			printf("  %-19s %llu\n", race_outcome_name((enum race_outcome)i),
			       (unsigned long long)report->outcomes[i]);
	for (i = 0; i < report->nflips; i++)
		printf("  flip                %s to %s at %.0f ns, sigma %.0f\n",
		       race_outcome_name(report->flips[i].before),
		       race_outcome_name(report->flips[i].after), report->flips[i].at_ns,
		       report->flips[i].sigma_ns);
	for (i = 0; i < report->nperturb; i++)
		printf("  %-19s %llu attempts%s%s\n", report->perturb[i].name,
		       (unsigned long long)report->perturb[i].attempts,
		       report->perturb[i].skipped ? ": " : "",
		       report->perturb[i].skipped ? report->perturb[i].skipped : "");
}

static int usage(FILE *out, int status)
{
	fprintf(out, "Usage: race-drm [--time MS] [--seed N] [--perturb LIST] [--device PATH]\n");
	return status;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "time", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "perturb", required_argument, NULL, 'p' },
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct card card;
	const struct race_scenario scenarios[] = {
		{
			.name = "re-import-against-gem-close",
			.nlanes = 2,
			.ctx = &card,
			.lanes = { { "gem-close", { { "GEM_CLOSE", call_close } } },
				   { "import", { { "PRIME_FD_TO_HANDLE", call_import } } } },
			.set_up = import,
			.classify = classify_import,
		},
		{
			.name = "export-against-gem-close",
			.nlanes = 2,
			.ctx = &card,
			.lanes = { { "gem-close", { { "GEM_CLOSE", call_close } } },
				   { "export", { { "PRIME_HANDLE_TO_FD", call_export } } } },
			.set_up = import,
			.classify = classify_export,
		},
	};
	struct race_options options = { .time_ms = 3000, .seed = 1 };
	const char *path = NULL;
	struct race_report report;
	double bare[2];
	size_t i;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h')
			return usage(stdout, 0);
		if (opt == 't')
			options.time_ms = strtoull(optarg, NULL, 10);
		else if (opt == 's')
			options.seed = strtoull(optarg, NULL, 10);
		else if (opt == 'p')
			options.perturb = optarg;
		else if (opt == 'd')
			path = optarg;
		else
			return usage(stderr, 2);
	}
	if (optind != argc || !options.time_ms)
		return usage(stderr, 2);
	if (open_card(path, "vgem", &card))
		return 4;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		err = race_run(&scenarios[i], &options, &report);
		if (!err)
			err = bench_bare(&scenarios[i], options.time_ms / 4, 0, &bare[0]);
		if (!err)
			err = bench_bare(&scenarios[i], options.time_ms / 4,
					 report.nflips ? report.flips[0].at_ns : 0, &bare[1]);
		if (err) {
			fprintf(stderr, "race-drm: %s: %s\n", scenarios[i].name, strerror(-err));
			return err == -EINVAL ? 2 : 4;
		}
		printf("%s\n", scenarios[i].name);
		print(&report, bare);
	}
	return 0;
}
