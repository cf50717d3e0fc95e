// SPDX-License-Identifier: MIT
/*
 * Stalls by the scheduler: a thread on the victim's CPU that goes first whenever it wakes, and then
 * keeps the CPU for a while. Where the kernel is not preemptible, that is at the next place where
 * it may sleep, such as a mutex: just where many windows end.
 *
 * preempt: a real-time thread, woken by a timer that the victim armed.
 * idle:    the same with a normal thread, since the victim is of the idle class; once away, it
 *          stays away for as long as anybody else has something to do there.
 * resched: a real-time thread, woken by another lane just before its own call; the reschedule
 *          interrupt is on its way while the call begins, and no timer's lateness comes in.
 */
#include <errno.h>
#include <sched.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "race/perturb.h"
#include "sys/waiting.h"

/* how long a new thread may take to say that it is there */
#define START_BOUND_MS 1000

static void set_policy(int tid, int policy)
{
	struct sched_param param = { 0 };

	sched_setscheduler(tid, policy, &param);
}

/* A thread must be able to leave the idle class again, or it must never enter it. */
static bool leaves_idle(void)
{
	struct sched_param param = { 0 };

	return !sched_setscheduler(0, SCHED_IDLE, &param) &&
	       !sched_setscheduler(0, SCHED_OTHER, &param);
}

static void preempter_main(struct race_helper *helper)
{
	struct race_perturb *perturb = helper->perturb;
	uint64_t expirations;

	perturb->leaves_idle = leaves_idle();
	sem_post(&helper->wake);
	while (read(perturb->preempt_timer, &expirations, sizeof(expirations)) ==
		       (ssize_t)sizeof(expirations) &&
	       !atomic_load(&helper->quit))
		race_helper_keep_cpu(helper);
}

static void waker_main(struct race_helper *helper)
{
	while (!sem_wait(&helper->wake) && !atomic_load(&helper->quit))
		race_helper_keep_cpu(helper);
}

/* Asked of this thread first: a helper of normal priority would only disturb itself. */
static const char *refuses_fifo(void)
{
	struct sched_param param = { .sched_priority = 1 };

	if (sched_getscheduler(0) != SCHED_OTHER)
		return "the caller is not SCHED_OTHER";
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		return "SCHED_FIFO is not permitted";
	set_policy(0, SCHED_OTHER);
	return NULL;
}

/* One timer and one thread for preempt and idle, whichever is opened first. */
static const char *start_preempter(struct race_perturb *perturb)
{
	struct race_helper *helper = &perturb->preempter;
	struct sys_wait wait;

	if (helper->running)
		return NULL;
	perturb->preempt_timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (perturb->preempt_timer < 0)
		return "no timerfd";
	if (race_helper_start(helper, perturb, preempter_main))
		return "no thread";
	wait = sys_wait_for(START_BOUND_MS, RACE_LOOK_US);
	while (sem_trywait(&helper->wake))
		if (!sys_wait_again(&wait))
			return "its thread did not start";
	return NULL;
}

static void stop_preempter(struct race_perturb *perturb)
{
	if (perturb->preempt_timer < 0) /* both kinds close it */
		return;
	if (perturb->preempter.running) {
		atomic_store(&perturb->preempter.quit, true);
		race_timer_set(perturb->preempt_timer, 1);
		race_helper_stop(&perturb->preempter);
	}
	close(perturb->preempt_timer);
	perturb->preempt_timer = -1;
}

static void arm_preempter(struct race_perturb *perturb, unsigned int lane, uint64_t seq,
			  double in_ns)
{
	race_timer_set(perturb->preempt_timer, in_ns);
}

static const char *preempt_open(struct race_perturb *perturb)
{
	const char *why = refuses_fifo();

	return why ? why : start_preempter(perturb);
}

static void preempt_begin(struct race_perturb *perturb)
{
	race_helper_place(&perturb->preempter, SCHED_FIFO);
}

static const char *idle_open(struct race_perturb *perturb)
{
	const char *why = start_preempter(perturb);

	if (why)
		return why;
	return perturb->leaves_idle ? NULL : "SCHED_IDLE cannot be left again";
}

static void idle_begin(struct race_perturb *perturb)
{
	race_helper_place(&perturb->preempter, SCHED_OTHER);
	set_policy(atomic_load(&perturb->control->slot[perturb->victim].tid), SCHED_IDLE);
}

static void idle_end(struct race_perturb *perturb)
{
	set_policy(atomic_load(&perturb->control->slot[perturb->victim].tid), SCHED_OTHER);
}

static const char *resched_open(struct race_perturb *perturb)
{
	const char *why = refuses_fifo();

	if (why)
		return why;
	return race_helper_start(&perturb->waker, perturb, waker_main) ? "no thread" : NULL;
}

static void resched_close(struct race_perturb *perturb)
{
	race_helper_stop(&perturb->waker);
}

static void resched_begin(struct race_perturb *perturb)
{
	race_helper_place(&perturb->waker, SCHED_FIFO);
}

/* The striker's own path to the wake-up must not be longer than need be. */
static void resched_strike(struct race_perturb *perturb)
{
	sem_post(&perturb->waker.wake);
}

const struct race_perturb_ops race_perturb_preempt = {
	.name = "preempt",
	.by_timer = true,
	.stall_ns = RACE_PREEMPT_NS,
	.open = preempt_open,
	.close = stop_preempter,
	.begin = preempt_begin,
	.arm = arm_preempter,
};

const struct race_perturb_ops race_perturb_idle = {
	.name = "idle",
	.by_timer = true,
	.stall_ns = RACE_PREEMPT_NS,
	.open = idle_open,
	.close = stop_preempter,
	.begin = idle_begin,
	.end = idle_end,
	.arm = arm_preempter,
};

const struct race_perturb_ops race_perturb_resched = {
	.name = "resched",
	.stall_ns = RACE_PREEMPT_NS,
	.open = resched_open,
	.close = resched_close,
	.begin = resched_begin,
	.strike = resched_strike,
};
