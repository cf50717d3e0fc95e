// SPDX-License-Identifier: MIT
/*
 * The engine on a real DRM device: how many aligned attempts a second, how close, and what it
 * costs over a bare spin barrier doing the same calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xf86drm.h>

#include "bare.h"
#include "race/stats.h"
#include "timers.h"

/* --rounds at most */
#define MAX_ROUNDS 100

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

/* Attempts a second of one way of racing, in turns with the others. */
struct rate {
	double per_s[MAX_ROUNDS];
};

struct figures {
	struct rate engine, aligned, undisturbed, bare, bare_at_flip;
	struct race_report report; /* of the last round */
};

static double median(const struct rate *rate, unsigned int rounds)
{
	double values[MAX_ROUNDS];

	memcpy(values, rate->per_s, rounds * sizeof(*values));
	return race_quantile(values, rounds, 0.5);
}

static void count(struct figures *figures, unsigned int round)
{
	const struct race_report *report = &figures->report;
	double attempts = (double)report->attempts, seconds = report->seconds;
	unsigned int i;

	figures->engine.per_s[round] = attempts / seconds;
	figures->aligned.per_s[round] = (double)report->aligned / seconds;
	for (i = 0; i < report->nperturb; i++) {
		attempts -= (double)report->perturb[i].attempts;
		seconds -= report->perturb[i].seconds;
	}
	figures->undisturbed.per_s[round] = attempts / seconds;
}

/* The engine and the bare loop take turns, so that what disturbs one disturbs both. */
static int measure(const struct race_scenario *scenario, const struct race_options *options,
		   unsigned int rounds, struct figures *ret)
{
	unsigned int i;
	int err;

	for (i = 0; i < rounds; i++) {
		err = race_run(scenario, options, &ret->report);
		if (err)
			return err;
		count(ret, i);
		err = bench_bare(scenario, options->time_ms / 4, 0, &ret->bare.per_s[i]);
		if (!err)
			err = bench_bare(scenario, options->time_ms / 4,
					 ret->report.nflips ? ret->report.flips[0].at_ns : 0,
					 &ret->bare_at_flip.per_s[i]);
		if (err)
			return err;
	}
	return 0;
}

static void print(const struct figures *figures, unsigned int rounds)
{
	const struct race_report *report = &figures->report;
	double undisturbed = median(&figures->undisturbed, rounds);
	double per_s = median(&figures->engine, rounds);
	double bare = median(&figures->bare, rounds);
	double at_flip = median(&figures->bare_at_flip, rounds);
	unsigned int i;

	printf("  aligned attempts/s  %.0f (target 70000), of %.0f; %.0f while undisturbed\n",
	       median(&figures->aligned, rounds), per_s, undisturbed);
	printf("  bare barrier/s      %.0f: overhead %.2fx, undisturbed %.2fx\n", bare,
	       bare / per_s, bare / undisturbed);
	printf("  ... at the flip     %.0f: overhead %.2fx, undisturbed %.2fx (target 1.3x)\n",
	       at_flip, at_flip / per_s, at_flip / undisturbed);
	printf("  skew p10..p90       %.0f ns: %.0f..%.0f (target 350; preflight %.0f..%.0f, %s)\n",
	       report->skew_ns[2] - report->skew_ns[0], report->skew_ns[0], report->skew_ns[2],
	       report->preflight.skew_ns[0], report->preflight.skew_ns[2],
	       report->preflight.tsc_deadline ? "TSC deadline" : "barrier");
	printf("  near a flip         %.1f %% (target 50 %%)\n",
	       100.0 * (double)report->near_flip / (double)report->attempts);
	printf("  durations           %.0f and %.0f ns, delay %.0f ns\n", report->duration_ns[0],
	       report->duration_ns[1], report->delay_ns);
	printf("  last round          %s: %s\n", race_verdict_name(report->verdict),
	       report->reason);
	for (i = 0; i < RACE_OUTCOMES; i++)
		if (report->outcomes[i])
			printf("  %-19s %llu\n", race_outcome_name((enum race_outcome)i),
			       (unsigned long long)report->outcomes[i]);
	for (i = 0; i < report->nflips; i++)
		printf("  flip                %s to %s at %.0f ns, sigma %.0f\n",
		       race_outcome_name(report->flips[i].before),
		       race_outcome_name(report->flips[i].after), report->flips[i].at_ns,
		       report->flips[i].sigma_ns);
	for (i = 0; i < report->nperturb; i++) {
		const struct race_perturb_report *kind = &report->perturb[i];

		printf("  %-19s ", kind->name);
		if (kind->skipped)
			printf("%s\n", kind->skipped);
		else
			printf("%llu attempts, %.0f us each, %.0f %% stalled\n",
			       (unsigned long long)kind->attempts,
			       kind->seconds * 1e6 / fmax((double)kind->attempts, 1),
			       100.0 * (double)kind->stalled / fmax((double)kind->attempts, 1));
	}
}

static int usage(FILE *out, int status)
{
	fprintf(out, "Usage: race-drm [--time MS] [--rounds N] [--seed N] [--perturb LIST] "
		     "[--device PATH]\n"
		     "  --time MS       of the engine in each round (default 1000)\n"
		     "  --rounds N      medians are over this many (default 5)\n"
		     "  --seed N        of the plan (default 1)\n"
		     "  --perturb LIST  as GEMRACE_PERTURB\n"
		     "  --device PATH   default: the first vgem\n");
	return status;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "time", required_argument, NULL, 't' },
		{ "rounds", required_argument, NULL, 'n' },
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
	struct race_options options = { .time_ms = 1000, .seed = 1 };
	unsigned long rounds = 5;
	const char *path = NULL;
	static struct figures figures;
	size_t i;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h')
			return usage(stdout, 0);
		if (opt == 't')
			options.time_ms = strtoull(optarg, NULL, 10);
		else if (opt == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (opt == 's')
			options.seed = strtoull(optarg, NULL, 10);
		else if (opt == 'p')
			options.perturb = optarg;
		else if (opt == 'd')
			path = optarg;
		else
			return usage(stderr, 2);
	}
	if (optind != argc || options.time_ms < 4 || !rounds || rounds > MAX_ROUNDS)
		return usage(stderr, 2);
	if (open_card(path, "vgem", &card))
		return 4;
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		err = measure(&scenarios[i], &options, (unsigned int)rounds, &figures);
		if (err) {
			fprintf(stderr, "race-drm: %s: %s\n", scenarios[i].name, strerror(-err));
			return err == -EINVAL ? 2 : 4;
		}
		printf("%s\n", scenarios[i].name);
		print(&figures, (unsigned int)rounds);
		fflush(stdout);
	}
	bench_timers();
	return 0;
}
