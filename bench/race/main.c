// SPDX-License-Identifier: MIT
/*
 * How soon does each way of racing hit a window that is known? All in one run, on one machine,
 * taking turns seed by seed, so that what disturbs one disturbs all.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engines.h"
#include "race/stats.h"

#define MAX_SEEDS 1000

static const struct bench_engine engines[] = {
	{ "gemrace", bench_run_gemrace },
	{ "free-running", bench_run_free },
	{ "barrier", bench_run_barrier },
	{ "uniform", bench_run_uniform },
};
#define NENGINES (sizeof(engines) / sizeof(engines[0]))

/* loops of about one cycle; away: the order flips this much after the window */
static const struct cell {
	uint64_t lead, width, away;
} grid[] = {
	{ 100, 0, 0 },      { 100, 100, 0 },      { 1000, 0, 0 },        { 1000, 10, 0 },
	{ 1000, 100, 0 },   { 10000, 0, 0 },      { 10000, 10, 0 },      { 10000, 90, 0 },
	{ 10000, 1000, 0 }, { 50000, 0, 0 },      { 50000, 10, 0 },      { 50000, 100, 0 },
	{ 50000, 1000, 0 }, { 10000, 100, 5000 }, { 10000, 1000, 5000 },
};
#define NCELLS (sizeof(grid) / sizeof(grid[0]))

/* of lane 1 before and after its look, of lane 0 after the flip: a short system call */
#define LOOK 500

struct settings {
	unsigned int seeds;
	uint64_t max_ms;
	uint64_t seed;
	const char *csv;
};

struct figures {
	unsigned int hits;
	double attempts[2], ms[2]; /* median, p95; a miss counts as infinitely many */
	double sigma;              /* median */
};

static int usage(FILE *out, int status)
{
	fprintf(out, "Usage: race [--seeds N] [--seed N] [--time MS] [--csv FILE]\n"
		     "  --seeds N    runs per cell and engine (default 11)\n"
		     "  --seed N     the first of them (default 1)\n"
		     "  --time MS    give up on a run after this (default 1000)\n"
		     "  --csv FILE   also write the table as CSV\n");
	return status;
}

static bool read_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || !number || number > max)
		return false;
	*ret_number = number;
	return true;
}

static void summarise(const struct bench_run *runs, unsigned int n, struct figures *ret)
{
	double attempts[MAX_SEEDS], ms[MAX_SEEDS], sigma[MAX_SEEDS];
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < n; i++) {
		ret->hits += runs[i].hit;
		attempts[i] = runs[i].hit ? (double)runs[i].attempts : 1e300;
		ms[i] = runs[i].hit ? runs[i].ms : 1e300;
		sigma[i] = runs[i].sigma;
	}
	ret->attempts[0] = race_quantile(attempts, n, 0.5);
	ret->attempts[1] = race_quantile(attempts, n, 0.95);
	ret->ms[0] = race_quantile(ms, n, 0.5);
	ret->ms[1] = race_quantile(ms, n, 0.95);
	ret->sigma = race_quantile(sigma, n, 0.5);
}

static void print_number(double value, int decimals)
{
	if (value > 1e200)
		printf(" %10s", "never");
	else
		printf(" %10.*f", decimals, value);
}

static void print_row(const struct cell *cell, const struct figures *figures)
{
	size_t i;

	for (i = 0; i < NENGINES; i++) {
		const struct figures *row = &figures[i];

		printf("%7llu %7llu %6llu  %-13s %4u", (unsigned long long)cell->lead,
		       (unsigned long long)cell->width, (unsigned long long)cell->away,
		       engines[i].name, row->hits);
		print_number(row->attempts[0], 0);
		print_number(row->attempts[1], 0);
		print_number(row->ms[0], 2);
		print_number(row->ms[1], 2);
		printf("\n");
	}
}

static void write_number(FILE *csv, double value, int decimals)
{
	fputc(',', csv);
	if (value < 1e200)
		fprintf(csv, "%.*f", decimals, value);
}

static void write_row(FILE *csv, const struct settings *settings, const struct cell *cell,
		      const struct figures *figures)
{
	size_t i;

	for (i = 0; i < NENGINES; i++) {
		fprintf(csv, "%s,%llu,%llu,%llu,%u,%u", engines[i].name,
			(unsigned long long)cell->width, (unsigned long long)cell->lead,
			(unsigned long long)cell->away, settings->seeds, figures[i].hits);
		write_number(csv, figures[i].attempts[0], 0);
		write_number(csv, figures[i].attempts[1], 0);
		write_number(csv, figures[i].ms[0], 3);
		write_number(csv, figures[i].ms[1], 3);
		fputc('\n', csv);
	}
}

static int run_cell(const struct settings *settings, const struct cell *cell,
		    struct figures *ret_figures)
{
	static struct bench_run runs[NENGINES][MAX_SEEDS];
	struct synthetic race = {
		.lead = cell->lead,
		.width = cell->width,
		.after = cell->away,
		.look = LOOK,
		.tail = LOOK,
	};
	unsigned int seed;
	size_t i;
	int err;

	for (seed = 0; seed < settings->seeds; seed++) {
		for (i = 0; i < NENGINES; i++) {
			err = engines[i].run(&race, settings->seed + seed, settings->max_ms,
					     &runs[i][seed]);
			if (err) {
				fprintf(stderr, "race: %s: %s\n", engines[i].name, strerror(-err));
				return err;
			}
		}
	}
	for (i = 0; i < NENGINES; i++)
		summarise(runs[i], settings->seeds, &ret_figures[i]);
	return 0;
}

struct verdicts {
	double worst;      /* attempts against the best baseline's */
	double least_gain; /* the same the other way round, on windows under 1 % of the lead-in */
};

/*
 * What an engine would need that knew the window from the first attempt on and could only not
 * start its lanes more closely than they do: no search gets below that.
 */
static double floor_of(const struct cell *cell, double sigma)
{
	double width = cell->width ? (double)cell->width : 1;

	return fmax(1, M_LN2 * sigma * sqrt(2 * M_PI) / width);
}

/* Against the targets. A cell that no baseline hits says nothing about them. */
static void compare(const struct cell *cell, const struct figures *figures,
		    struct verdicts *verdicts)
{
	double best = figures[1].attempts[0], mine = figures[0].attempts[0];
	bool thin = !cell->away && cell->width * 100 < cell->lead;
	size_t i;

	for (i = 2; i < NENGINES; i++)
		if (figures[i].attempts[0] < best)
			best = figures[i].attempts[0];
	if (best > 1e200 || mine > 1e200) {
		printf("%25s%s\n\n", "", "no comparison: one side never hits");
		verdicts->worst = mine > 1e200 && best < 1e200 ? 1e300 : verdicts->worst;
		return;
	}
	if (thin)
		printf("%25s%.1fx fewer than the best baseline (target 10x; alignment allows "
		       "%.1fx)\n\n",
		       "", best / mine, best / floor_of(cell, figures[0].sigma));
	else
		printf("%25s%.2fx the best baseline (target 1.5x)\n\n", "", mine / best);
	verdicts->worst = fmax(verdicts->worst, mine / best);
	if (thin)
		verdicts->least_gain = fmin(verdicts->least_gain, best / mine);
}

#define RATIO_SIZE 32

static const char *ratio(double value, char *text)
{
	if (value > 1e200)
		return "not to be told";
	snprintf(text, RATIO_SIZE, "%.2fx", value);
	return text;
}

static int run_grid(const struct settings *settings, FILE *csv)
{
	char text[RATIO_SIZE];
	struct verdicts verdicts = { .least_gain = 1e300 };
	struct figures figures[NENGINES];
	size_t i;

	printf("Attempts and time to the first hit, %u seeds, misses after %llu ms. Lead-in, "
	       "window\n"
	       "and distance from the window to the flip in loops of about one cycle.\n\n"
	       "   lead  window   away  engine        hits    median        p95     ms med     ms "
	       "p95\n",
	       settings->seeds, (unsigned long long)settings->max_ms);
	for (i = 0; i < NCELLS; i++) {
		if (run_cell(settings, &grid[i], figures))
			return 1;
		print_row(&grid[i], figures);
		compare(&grid[i], figures, &verdicts);
		fflush(stdout);
		if (csv)
			write_row(csv, settings, &grid[i], figures);
	}
	printf("attempts against the best baseline, at worst: %s (target 1.5x)\n",
	       ratio(verdicts.worst, text));
	printf("fewer attempts where the window is under 1 %% of the lead-in, at least: %s "
	       "(target 10x)\n",
	       ratio(verdicts.least_gain, text));
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
		{ "time", required_argument, NULL, 't' },  { "csv", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },        { 0 },
	};
	struct settings settings = { .seeds = 11, .max_ms = 1000, .seed = 1 };
	FILE *csv = NULL;
	uint64_t number;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h')
			return usage(stdout, 0);
		if (opt == 'c')
			settings.csv = optarg;
		else if (opt == 'n' && read_number(optarg, MAX_SEEDS, &number))
			settings.seeds = (unsigned int)number;
		else if (opt == 's' && read_number(optarg, UINT64_MAX, &number))
			settings.seed = number;
		else if (opt == 't' && read_number(optarg, 3600000, &number))
			settings.max_ms = number;
		else
			return usage(stderr, 2);
	}
	if (optind != argc)
		return usage(stderr, 2);
	if (settings.csv) {
		csv = fopen(settings.csv, "w");
		if (!csv) {
			fprintf(stderr, "race: %s: %s\n", settings.csv, strerror(errno));
			return 4;
		}
		fputs("engine,window,lead_in,away,seeds,hits,median_attempts,p95_attempts,"
		      "median_ms,p95_ms\n",
		      csv);
	}
	status = run_grid(&settings, csv);
	if (csv && fclose(csv)) {
		fprintf(stderr, "race: %s: %s\n", settings.csv, strerror(errno));
		return 4;
	}
	return status;
}
