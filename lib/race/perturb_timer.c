// SPDX-License-Identifier: MIT
/*
 * Stalls by timer interrupts. A timerfd's hrtimer fires on the CPU that armed it, so the victim
 * arms its own just before the barrier and is interrupted inside its call: a few microseconds for
 * the bare interrupt, many more when the interrupt has a long list of epoll waiters to walk, or
 * when it wakes a real-time thread on that CPU.
 */
#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "race/perturb.h"

/* descriptors left to the scenario when the waiters are made */
#define SPARE_FDS 256

/* how long the real-time thread keeps the victim's CPU */
#define PREEMPT_NS 20000

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_timer(int fd, double in_ns)
{
	uint64_t ns = in_ns < 1 ? 1 : (uint64_t)in_ns;
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(ns / 1000000000u),
			      .tv_nsec = (long)(ns % 1000000000u) },
	};

	timerfd_settime(fd, 0, &when, NULL);
}

static const char *make_timers(struct race_perturb *perturb, int *timers)
{
	unsigned int i;

	for (i = 0; i < perturb->control->nlanes; i++) {
		timers[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
		if (timers[i] < 0)
			return "no timerfd";
	}
	return NULL;
}

static const char *timer_open(struct race_perturb *perturb)
{
	return make_timers(perturb, perturb->timer);
}

static void timer_close(struct race_perturb *perturb)
{
	unsigned int i;

	for (i = 0; i < RACE_MAX_LANES; i++)
		close_fd(&perturb->timer[i]);
}

static void timer_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq, double in_ns)
{
	set_timer(perturb->timer[lane], in_ns);
}

/* One epoll watches many duplicates of the timer: each is a waiter of its own on the list. */
static const char *epoll_open(struct race_perturb *perturb)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	const char *why = make_timers(perturb, perturb->wide_timer);
	struct rlimit limit;
	unsigned int i, k, each = RACE_MAX_WAITERS;

	if (why)
		return why;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < 2 * SPARE_FDS)
		return "too few file descriptors allowed";
	if (limit.rlim_cur < SPARE_FDS + perturb->control->nlanes * RACE_MAX_WAITERS)
		each = (unsigned int)(limit.rlim_cur - SPARE_FDS) / perturb->control->nlanes;
	perturb->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (perturb->epoll < 0)
		return "no epoll";
	for (i = 0; i < perturb->control->nlanes; i++) {
		for (k = 0; k < each; k++) {
			int fd = dup(perturb->wide_timer[i]);

			if (fd < 0)
				return "no file descriptors left";
			perturb->waiters[i][k] = fd;
			if (epoll_ctl(perturb->epoll, EPOLL_CTL_ADD, fd, &event))
				return "no epoll watches left";
		}
	}
	return NULL;
}

static void epoll_close(struct race_perturb *perturb)
{
	unsigned int i, k;

	for (i = 0; i < RACE_MAX_LANES; i++) {
		for (k = 0; k < RACE_MAX_WAITERS; k++)
			close_fd(&perturb->waiters[i][k]);
		close_fd(&perturb->wide_timer[i]);
	}
	close_fd(&perturb->epoll);
}

static void epoll_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq, double in_ns)
{
	set_timer(perturb->wide_timer[lane], in_ns);
}

/* Sleeps on the timer at real-time priority; awake, it keeps the CPU for a while. */
static void *preempter_main(void *arg)
{
	struct race_helper *helper = arg;
	struct race_perturb *perturb = helper->perturb;
	uint64_t expirations;

	atomic_store(&helper->tid, (int)gettid());
	while (read(perturb->preempt_timer, &expirations, sizeof(expirations)) ==
		       (ssize_t)sizeof(expirations) &&
	       !atomic_load(&helper->quit)) {
		uint64_t until = race_ticks() +
				 (uint64_t)(PREEMPT_NS * perturb->control->clock.ticks_per_ns);

		while ((int64_t)(until - race_ticks()) > 0)
			;
	}
	return NULL;
}

static const char *preempt_open(struct race_perturb *perturb)
{
	struct sched_param param = { .sched_priority = 1 };
	struct race_helper *helper = &perturb->preempter;

	perturb->preempt_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (perturb->preempt_timer < 0)
		return "no timerfd";
	/* asked of this thread first: a helper of normal priority would only disturb itself */
	if (sched_getscheduler(0) != SCHED_OTHER)
		return "the caller is not SCHED_OTHER";
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		return "SCHED_FIFO is not permitted";
	param.sched_priority = 0;
	sched_setscheduler(0, SCHED_OTHER, &param);
	return helper->running || !race_helper_start(helper, perturb, preempter_main) ? NULL
										      : "no thread";
}

static void preempt_close(struct race_perturb *perturb)
{
	if (perturb->preempter.running) {
		atomic_store(&perturb->preempter.quit, true);
		set_timer(perturb->preempt_timer, 1);
		race_helper_stop(&perturb->preempter);
	}
	close_fd(&perturb->preempt_timer);
}

static void preempt_begin(struct race_perturb *perturb)
{
	int cpu = atomic_load(&perturb->control->slot[perturb->victim].cpu);
	struct sched_param param = { .sched_priority = 1 };
	int tid = atomic_load(&perturb->preempter.tid);
	cpu_set_t set;

	if (!tid)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(tid, sizeof(set), &set);
	sched_setscheduler(tid, SCHED_FIFO, &param);
}

static void preempt_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq, double in_ns)
{
	set_timer(perturb->preempt_timer, in_ns);
}

const struct race_perturb_ops race_perturb_timer = {
	.name = "timer",
	.stall_ns = 3000,
	.open = timer_open,
	.close = timer_close,
	.arm = timer_arm,
};

const struct race_perturb_ops race_perturb_epoll = {
	.name = "epoll",
	.stall_ns = 20000,
	.open = epoll_open,
	.close = epoll_close,
	.arm = epoll_arm,
};

const struct race_perturb_ops race_perturb_preempt = {
	.name = "preempt",
	.stall_ns = PREEMPT_NS,
	.open = preempt_open,
	.close = preempt_close,
	.begin = preempt_begin,
	.arm = preempt_arm,
};
