// SPDX-License-Identifier: MIT
#include "bare.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "race/clock.h"
#include "race/cpus.h"

struct bare {
	const struct race_scenario *scenario;
	struct race_attempt attempt;
	struct race_clock clock;
	uint64_t delay[2]; /* ticks */
	uint64_t end_ns, begin_ns, ended_ns;
	int cpu[2];
	_Alignas(128) atomic_uint_fast64_t first;
	_Alignas(128) atomic_uint_fast64_t second;
	_Alignas(128) atomic_bool stop;
};

static bool wait_for(struct bare *bare, atomic_uint_fast64_t *word, uint64_t seq)
{
	unsigned int spins = 0;

	while (atomic_load_explicit(word, memory_order_acquire) < seq) {
		if (++spins < 4096)
			continue;
		if (atomic_load_explicit(&bare->stop, memory_order_relaxed))
			return false;
		if (spins % 64 == 0)
			sched_yield();
	}
	return true;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void call(struct bare *bare, unsigned int lane)
{
	const struct race_op *op = bare->scenario->lanes[lane].ops;
	uint64_t now;
	int i;

	if (bare->delay[lane]) {
		now = race_ticks();
		race_delay_until(&bare->clock, now, now + bare->delay[lane]);
	}
	for (i = 0; i < RACE_MAX_OPS && op[i].call; i++)
		bare->attempt.lane[lane].ret[i] = op[i].call(bare->scenario->ctx, lane);
}

static void *lead(void *arg)
{
	struct bare *bare = arg;
	const struct race_scenario *scenario = bare->scenario;
	uint64_t seq = 0;

	pin(bare->cpu[0]);
	bare->begin_ns = race_now_ns();
	do {
		seq++;
		if (scenario->set_up && scenario->set_up(scenario->ctx))
			continue;
		atomic_store_explicit(&bare->first, 2 * seq, memory_order_release);
		if (!wait_for(bare, &bare->second, 2 * seq))
			break;
		call(bare, 0);
		if (!wait_for(bare, &bare->second, 2 * seq + 1))
			break;
		bare->attempt.index++;
		scenario->classify(scenario->ctx, &bare->attempt);
		if (scenario->tear_down)
			scenario->tear_down(scenario->ctx);
	} while (seq % 64 || race_now_ns() < bare->end_ns);
	bare->ended_ns = race_now_ns();
	atomic_store(&bare->stop, true);
	return NULL;
}

static void *follow(void *arg)
{
	struct bare *bare = arg;
	uint64_t seen = 0;

	pin(bare->cpu[1]);
	for (;;) {
		if (!wait_for(bare, &bare->first, seen + 1))
			break;
		seen = atomic_load_explicit(&bare->first, memory_order_acquire);
		atomic_store_explicit(&bare->second, seen, memory_order_release);
		call(bare, 1);
		atomic_store_explicit(&bare->second, seen + 1, memory_order_release);
	}
	return NULL;
}

int bench_bare(const struct race_scenario *scenario, uint64_t ms, double at_ns, double *ret_per_s)
{
	struct bare bare = { .scenario = scenario, .attempt.lanes = 2 };
	struct race_cpus cpus;
	pthread_t threads[2];
	int err = race_cpus_read(&cpus);

	if (err)
		return err;
	race_clock_calibrate(&bare.clock);
	bare.delay[at_ns > 0] = (uint64_t)((at_ns > 0 ? at_ns : -at_ns) * bare.clock.ticks_per_ns);
	bare.end_ns = race_now_ns() + ms * 1000000u;
	bare.cpu[0] = race_cpus_pick(&cpus, 0, 0);
	bare.cpu[1] = race_cpus_pick(&cpus, 1, 0);
	err = -pthread_create(&threads[1], NULL, follow, &bare);
	if (err)
		return err;
	err = -pthread_create(&threads[0], NULL, lead, &bare);
	if (err)
		atomic_store(&bare.stop, true);
	else
		pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	if (err)
		return err;
	*ret_per_s = (double)bare.attempt.index * 1e9 / (double)(bare.ended_ns - bare.begin_ns);
	return 0;
}
