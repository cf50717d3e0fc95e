// SPDX-License-Identifier: MIT
/*
 * Stalls by timer interrupts. A timerfd's hrtimer fires on the CPU that armed it, so the victim
 * arms its own just before the barrier and is interrupted inside its call: a few microseconds for
 * the bare interrupt, many more when the interrupt has a long list of epoll waiters to walk.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "race/perturb.h"

/* finding out how late timers are: so often, due in, and looked for at most for */
#define LATE_TRIES   15
#define LATE_IN_NS   20000
#define LATE_LOOK_NS 400000

/* two readings of the clock are this far apart only when an interrupt came between them */
#define GAP_NS 1500

/* descriptors left to the scenario when the waiters are made */
#define SPARE_FDS 256

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void race_timer_set(int fd, double in_ns)
{
	uint64_t ns = in_ns < 1 ? 1 : (uint64_t)in_ns;
	struct itimerspec when = {
		.it_value = { .tv_sec = (time_t)(ns / 1000000000u),
			      .tv_nsec = (long)(ns % 1000000000u) },
	};

	timerfd_settime(fd, 0, &when, NULL);
}

/* Arms @fd and looks at the clock until the interrupt shows. Negative when it does not. */
static double try_timer(const struct race_clock *clock, int fd)
{
	uint64_t gap = (uint64_t)(GAP_NS * clock->ticks_per_ns);
	uint64_t begin = race_ticks(), last, now, stop;

	race_timer_set(fd, LATE_IN_NS);
	now = race_ticks();
	stop = begin + (uint64_t)(LATE_LOOK_NS * clock->ticks_per_ns);
	do {
		last = now;
		now = race_ticks();
		if (now - last > gap)
			return fmax((double)(last - begin) / clock->ticks_per_ns - LATE_IN_NS, 0);
	} while ((int64_t)(stop - now) > 0);
	return -1;
}

double race_timer_lateness(const struct race_clock *clock)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	double late[LATE_TRIES];
	size_t seen = 0;
	int i;

	if (fd < 0)
		return 0;
	for (i = 0; i < LATE_TRIES; i++) {
		late[seen] = try_timer(clock, fd);
		seen += late[seen] >= 0;
	}
	close(fd);
	return seen ? race_quantile(late, seen, 0.5) : 0;
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
	race_timer_set(perturb->timer[lane], in_ns);
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
	race_timer_set(perturb->wide_timer[lane], in_ns);
}

const struct race_perturb_ops race_perturb_timer = {
	.name = "timer",
	.by_timer = true,
	.stall_ns = 3000,
	.open = timer_open,
	.close = timer_close,
	.arm = timer_arm,
};

const struct race_perturb_ops race_perturb_epoll = {
	.name = "epoll",
	.by_timer = true,
	.stall_ns = 20000,
	.open = epoll_open,
	.close = epoll_close,
	.arm = epoll_arm,
};
