// SPDX-License-Identifier: MIT
#include "race/helper.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "race/perturb.h"
#include "sys/waiting.h"

static void *begin(void *arg)
{
	struct race_helper *helper = arg;

	atomic_store(&helper->tid, (int)gettid());
	helper->main(helper);
	return NULL;
}

int race_helper_start(struct race_helper *helper, struct race_perturb *perturb,
		      void (*main)(struct race_helper *helper))
{
	sigset_t all, old;
	int err;

	helper->perturb = perturb;
	helper->main = main;
	if (sem_init(&helper->wake, 1, 0))
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&helper->thread, NULL, begin, helper);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	helper->running = !err;
	return -err;
}

void race_helper_place(struct race_helper *helper, int policy)
{
	const struct race_perturb *perturb = helper->perturb;
	struct sched_param param = { .sched_priority = policy == SCHED_FIFO };
	int cpu = atomic_load(&perturb->control->slot[perturb->victim].cpu);
	int tid = atomic_load(&helper->tid);
	cpu_set_t set;

	if (!tid)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(tid, sizeof(set), &set);
	sched_setscheduler(tid, policy, &param);
}

void race_helper_keep_cpu(struct race_helper *helper)
{
	double ticks_per_ns = helper->perturb->control->clock.ticks_per_ns;
	uint64_t until = race_ticks() + (uint64_t)(RACE_PREEMPT_NS * ticks_per_ns);

	while ((int64_t)(until - race_ticks()) > 0)
		;
}

void race_helper_stop(struct race_helper *helper)
{
	struct sys_wait wait;

	if (!helper->running)
		return;
	atomic_store(&helper->quit, true);
	sem_post(&helper->wake);
	wait = sys_wait_for(RACE_END_MS, RACE_LOOK_US);
	do
		helper->running = pthread_tryjoin_np(helper->thread, NULL);
	while (helper->running && sys_wait_again(&wait));
	if (!helper->running)
		sem_destroy(&helper->wake);
}
