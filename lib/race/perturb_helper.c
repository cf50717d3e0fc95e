// SPDX-License-Identifier: MIT
/*
 * Stalls that somebody else causes: a thread on a spare CPU that sends membarrier() interrupts, a
 * thread that holds a mutex the lanes need, and more work inside the window.
 */
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "race/barrier.h"
#include "race/perturb.h"

/* interrupts in a row: one is a microsecond, and hardly hits */
#define KICKS 4

/* how long lane 0 lets the holder get to its mutex before the lanes start all the same */
#define HOLD_WAIT_NS 1000000

static int membarrier(int command)
{
	return (int)syscall(SYS_membarrier, command, 0, 0);
}

static void act_while_active(struct race_helper *helper, void (*act)(struct race_helper *helper))
{
	struct race_control *control = helper->perturb->control;
	uint64_t last = 0;

	while (atomic_load(&helper->active) && !atomic_load(&helper->quit) &&
	       !race_stopped(control)) {
		uint64_t request = atomic_load_explicit(&helper->request, memory_order_acquire);

		if (request == last || request == atomic_load(&helper->finished)) {
			sched_yield();
			continue;
		}
		last = request;
		atomic_store_explicit(&helper->begun, request, memory_order_release);
		act(helper);
		atomic_store_explicit(&helper->finished, request, memory_order_release);
	}
}

static void kick(struct race_helper *helper)
{
	uint64_t now = race_ticks();
	int i;

	race_delay_until(&helper->perturb->control->clock, now, now + helper->delay_ticks);
	for (i = 0; i < KICKS; i++)
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

static void hold(struct race_helper *helper)
{
	const struct race_scenario *scenario = helper->perturb->control->scenario;

	scenario->hold(scenario->ctx);
}

static void kicker_main(struct race_helper *helper)
{
	while (!sem_wait(&helper->wake) && !atomic_load(&helper->quit))
		act_while_active(helper, kick);
}

static void holder_main(struct race_helper *helper)
{
	while (!sem_wait(&helper->wake) && !atomic_load(&helper->quit))
		act_while_active(helper, hold);
}

static void begin_helper(struct race_helper *helper)
{
	atomic_store(&helper->active, true);
	sem_post(&helper->wake);
}

/* An attempt's request that is still pending must be over before the block is. */
static void end_helper(struct race_helper *helper)
{
	race_wait(helper->perturb->control, &helper->finished, atomic_load(&helper->request));
	atomic_store(&helper->active, false);
}

static const char *membarrier_open(struct race_perturb *perturb)
{
	struct race_control *control = perturb->control;
	int commands = membarrier(MEMBARRIER_CMD_QUERY);

	if (control->scenario->kind != RACE_THREADS)
		return "membarrier() reaches the threads of one process";
	if (commands < 0 || !(commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		return "no membarrier() in this kernel";
	if (perturb->cpus->count <= (int)control->nlanes)
		return "no CPU besides the lanes'";
	if (membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		return "membarrier() is not permitted";
	return race_helper_start(&perturb->kicker, perturb, kicker_main) ? "no thread" : NULL;
}

static void membarrier_close(struct race_perturb *perturb)
{
	race_helper_stop(&perturb->kicker);
}

static void membarrier_begin(struct race_perturb *perturb)
{
	begin_helper(&perturb->kicker);
}

static void membarrier_end(struct race_perturb *perturb)
{
	end_helper(&perturb->kicker);
}

static void membarrier_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq,
			   double in_ns)
{
	struct race_helper *helper = &perturb->kicker;

	helper->delay_ticks = (uint64_t)(in_ns * perturb->control->clock.ticks_per_ns);
	atomic_store_explicit(&helper->request, seq, memory_order_release);
}

static bool membarrier_settle(struct race_perturb *perturb, uint64_t seq)
{
	return race_wait(perturb->control, &perturb->kicker.finished, seq);
}

static const char *work_open(struct race_perturb *perturb)
{
	return perturb->control->scenario->widen ? NULL : "the scenario has no widen()";
}

static void work_begin(struct race_perturb *perturb)
{
	const struct race_scenario *scenario = perturb->control->scenario;

	scenario->widen(scenario->ctx, perturb->level);
}

/* Where the race was stopped, a lane may still be at the work. */
static void work_end(struct race_perturb *perturb)
{
	const struct race_scenario *scenario = perturb->control->scenario;

	if (!race_stopped(perturb->control))
		scenario->widen(scenario->ctx, 0);
}

static const char *hold_open(struct race_perturb *perturb)
{
	if (!perturb->control->scenario->hold)
		return "the scenario has no hold()";
	return race_helper_start(&perturb->holder, perturb, holder_main) ? "no thread" : NULL;
}

static void hold_close(struct race_perturb *perturb)
{
	race_helper_stop(&perturb->holder);
}

static void hold_begin(struct race_perturb *perturb)
{
	begin_helper(&perturb->holder);
}

static void hold_end(struct race_perturb *perturb)
{
	end_helper(&perturb->holder);
}

/* The victim waits for the holder to be on its way: the lanes are to queue behind it. */
static void hold_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq, double in_ns)
{
	uint64_t end = race_now_ns() + HOLD_WAIT_NS;

	atomic_store_explicit(&perturb->holder.request, seq, memory_order_release);
	while (atomic_load_explicit(&perturb->holder.begun, memory_order_acquire) < seq &&
	       race_now_ns() < end)
		sched_yield();
}

static bool hold_settle(struct race_perturb *perturb, uint64_t seq)
{
	return race_wait(perturb->control, &perturb->holder.finished, seq);
}

const struct race_perturb_ops race_perturb_membarrier = {
	.name = "membarrier",
	.stall_ns = 2000,
	.open = membarrier_open,
	.close = membarrier_close,
	.begin = membarrier_begin,
	.end = membarrier_end,
	.arm = membarrier_arm,
	.settle = membarrier_settle,
};

const struct race_perturb_ops race_perturb_work = {
	.name = "work",
	.asked_for = true,
	.open = work_open,
	.begin = work_begin,
	.end = work_end,
};

const struct race_perturb_ops race_perturb_hold = {
	.name = "hold",
	.asked_for = true,
	.open = hold_open,
	.close = hold_close,
	.begin = hold_begin,
	.end = hold_end,
	.arm = hold_arm,
	.settle = hold_settle,
};
