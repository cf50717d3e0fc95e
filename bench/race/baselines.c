// SPDX-License-Identifier: MIT
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "engines.h"
#include "race/cpus.h"
#include "race/rng.h"

/* fuzzy sync's own figures */
#define SAMPLES    1024
#define ALPHA      0.25
#define RANGE      1.1
#define CHECK_TIME 64 /* attempts between looks at the clock */

struct pair {
	struct synthetic *race;
	struct race_clock clock;
	struct race_rng rng;
	uint64_t max_ms;
	bool uniform;
	int cpu[2];
	_Alignas(128) atomic_uint_fast64_t arrived[2 * 16]; /* [0] and [16]: a line each */
	_Alignas(128) atomic_bool stop;
	/* written by one thread, read by the other after the next meeting */
	_Alignas(128) uint64_t delay[2];
	uint64_t start[2], end[2];
	long seen;
	struct bench_run run;
};

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static bool meet(struct pair *pair, int lane, uint64_t seq)
{
	unsigned int spins = 0;

	atomic_store_explicit(&pair->arrived[lane * 16], seq, memory_order_release);
	while (atomic_load_explicit(&pair->arrived[!lane * 16], memory_order_acquire) < seq) {
		if (atomic_load_explicit(&pair->stop, memory_order_relaxed))
			return false;
		if (++spins > 4096 && spins % 64 == 0)
			sched_yield();
	}
	return true;
}

static void start_at(struct pair *pair, int lane)
{
	uint64_t now = race_ticks();

	if (pair->uniform)
		race_delay_until(&pair->clock, now, now + pair->delay[lane]);
	pair->start[lane] = race_ticks();
}

static void average(double *mean, double value)
{
	*mean += ALPHA * (value - *mean);
}

static void *met_observer(void *arg)
{
	struct pair *pair = arg;
	uint64_t seq;

	pin(pair->cpu[1]);
	for (seq = 1; meet(pair, 1, seq); seq += 2) {
		start_at(pair, 1);
		pair->seen = synthetic_observer(pair->race, 1);
		pair->end[1] = race_ticks();
		if (!meet(pair, 1, seq + 1))
			break;
	}
	return NULL;
}

static void *met_victim(void *arg)
{
	struct pair *pair = arg;
	double mean[2] = { 0 }, skew = 0;
	uint64_t begin = race_now_ns(), seq;

	pin(pair->cpu[0]);
	for (seq = 1;; seq += 2) {
		synthetic_set_up(pair->race);
		pair->delay[0] = pair->delay[1] = 0;
		if (pair->uniform && pair->run.attempts >= SAMPLES) {
			double u = race_rng_unit(&pair->rng);
			double at = RANGE * (u * (mean[0] + mean[1]) - mean[1]) - skew;

			pair->delay[at > 0] = (uint64_t)(at > 0 ? at : -at);
		}
		if (!meet(pair, 0, seq))
			break;
		start_at(pair, 0);
		synthetic_victim(pair->race, 0);
		pair->end[0] = race_ticks();
		if (!meet(pair, 0, seq + 1))
			break;

		pair->run.attempts++;
		pair->run.hit = pair->seen == SYNTHETIC_WINDOW;
		if (pair->uniform && pair->run.attempts <= SAMPLES) {
			average(&mean[0], (double)(pair->end[0] - pair->start[0]));
			average(&mean[1], (double)(pair->end[1] - pair->start[1]));
			average(&skew, (double)(int64_t)(pair->start[1] - pair->start[0]));
		}
		if (pair->run.hit || (pair->run.attempts % CHECK_TIME == 0 &&
				      race_now_ns() - begin > pair->max_ms * 1000000u))
			break;
	}
	pair->run.ms = (double)(race_now_ns() - begin) / 1e6;
	atomic_store(&pair->stop, true);
	return NULL;
}

static void *free_observer(void *arg)
{
	struct pair *pair = arg;
	uint64_t begin;

	pin(pair->cpu[1]);
	meet(pair, 1, 1);
	begin = race_now_ns();
	do {
		pair->run.attempts++;
		pair->run.hit = synthetic_observer(pair->race, 1) == SYNTHETIC_WINDOW;
		if (pair->run.attempts % CHECK_TIME == 0 &&
		    race_now_ns() - begin > pair->max_ms * 1000000u)
			break;
	} while (!pair->run.hit);
	pair->run.ms = (double)(race_now_ns() - begin) / 1e6;
	atomic_store(&pair->stop, true);
	return NULL;
}

static void *free_victim(void *arg)
{
	struct pair *pair = arg;

	pin(pair->cpu[0]);
	meet(pair, 0, 1);
	while (!atomic_load_explicit(&pair->stop, memory_order_relaxed)) {
		synthetic_set_up(pair->race);
		synthetic_victim(pair->race, 0);
	}
	return NULL;
}

static int run_pair(struct pair *pair, void *(*victim)(void *), void *(*observer)(void *),
		    struct bench_run *ret_run)
{
	struct race_cpus cpus;
	pthread_t threads[2];
	int err = race_cpus_read(&cpus);

	if (err)
		return err;
	pair->cpu[0] = race_cpus_pick(&cpus, 0, 0);
	pair->cpu[1] = race_cpus_pick(&cpus, 1, 0);
	race_clock_calibrate(&pair->clock);
	err = -pthread_create(&threads[0], NULL, victim, pair);
	if (err)
		return err;
	err = -pthread_create(&threads[1], NULL, observer, pair);
	if (err)
		atomic_store(&pair->stop, true);
	else
		pthread_join(threads[1], NULL);
	pthread_join(threads[0], NULL);
	*ret_run = pair->run;
	return err;
}

int bench_run_free(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		   struct bench_run *ret_run)
{
	struct pair pair = { .race = race, .max_ms = max_ms };

	return run_pair(&pair, free_victim, free_observer, ret_run);
}

int bench_run_barrier(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run)
{
	struct pair pair = { .race = race, .max_ms = max_ms };

	return run_pair(&pair, met_victim, met_observer, ret_run);
}

int bench_run_uniform(struct synthetic *race, uint64_t seed, uint64_t max_ms,
		      struct bench_run *ret_run)
{
	struct pair pair = {
		.race = race, .max_ms = max_ms, .uniform = true, .rng = { .state = seed }
	};

	return run_pair(&pair, met_victim, met_observer, ret_run);
}
