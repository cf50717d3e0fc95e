// SPDX-License-Identifier: MIT
#include "race/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "race/lane.h"
#include "race/perturb.h"
#include "sys/waiting.h"

/* Runs however the thread ends: by returning, or by pthread_exit() deep inside a hook. */
static void leave(void *arg)
{
	struct race_member *member = arg;
	struct race_control *control = member->crew->conductor->control;

	/* if nothing has ended the race yet, then this lane did, by leaving it */
	race_stop(control, RACE_STOP_LANE, (int)member->lane, 0);
	if (!member->lane)
		race_perturb_end(&member->crew->conductor->perturb);
	atomic_store(&control->slot[member->lane].gone, 1);
}

static void *thread_main(void *arg)
{
	struct race_member *member = arg;

	atomic_store(&member->crew->conductor->control->slot[member->lane].tid, (int)gettid());
	pthread_cleanup_push(leave, member);
	if (member->lane)
		race_lane_follow(member->crew->conductor->control, member->lane);
	else
		race_conduct(member->crew->conductor);
	pthread_cleanup_pop(1);
	return NULL;
}

static void process_main(struct race_member *member, pid_t parent)
{
	int signal_number;

	/* the parent's crash and time-out handlers are about the parent's state */
	for (signal_number = 1; signal_number < SIGRTMIN; signal_number++)
		signal(signal_number, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	thread_main(member);
	_exit(0);
}

static int start_process(struct race_member *member)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		process_main(member, parent);
	member->pid = pid;
	member->running = true;
	return 0;
}

static int start_thread(struct race_member *member)
{
	sigset_t lane_mask, old;
	int err;

	/* time-outs and children's ends are the main thread's; faults stay with who makes them */
	sigfillset(&lane_mask);
	sigdelset(&lane_mask, SIGSEGV);
	sigdelset(&lane_mask, SIGBUS);
	sigdelset(&lane_mask, SIGFPE);
	sigdelset(&lane_mask, SIGILL);
	sigdelset(&lane_mask, SIGABRT);
	pthread_sigmask(SIG_BLOCK, &lane_mask, &old);
	err = pthread_create(&member->thread, NULL, thread_main, member);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	member->running = !err;
	return -err;
}

int race_crew_start(struct race_crew *crew, struct race_conductor *conductor)
{
	unsigned int nlanes = conductor->control->nlanes;
	bool processes = conductor->scenario->kind == RACE_PROCESSES;
	int err = 0;
	unsigned int i;

	*crew = (struct race_crew){ .conductor = conductor };
	for (i = nlanes; !err && i-- > 0;) {
		crew->members[i].crew = crew;
		crew->members[i].lane = i;
		err = processes && i ? start_process(&crew->members[i])
				     : start_thread(&crew->members[i]);
	}
	if (err) {
		race_stop(conductor->control, RACE_STOP_LANE, -1, err);
		race_crew_end(crew, 1000);
		race_crew_abandon(crew);
	}
	return err;
}

static void reap(struct race_member *member)
{
	if (member->pid) {
		pid_t pid = waitpid(member->pid, &member->status, WNOHANG);

		if (pid == member->pid || (pid < 0 && errno == ECHILD))
			member->running = false;
	} else if (!pthread_tryjoin_np(member->thread, NULL)) {
		member->running = false;
	}
}

void race_crew_watch(struct race_crew *crew)
{
	struct race_control *control = crew->conductor->control;
	unsigned int i;

	for (i = 0; i < control->nlanes; i++) {
		struct race_member *member = &crew->members[i];

		if (!member->running)
			continue;
		reap(member);
		if (!member->running)
			race_stop(control, RACE_STOP_LANE, (int)i, 0);
	}
}

unsigned int race_crew_end(struct race_crew *crew, unsigned int bound_ms)
{
	struct race_control *control = crew->conductor->control;
	struct sys_wait wait = sys_wait_for(bound_ms, RACE_LOOK_US);
	unsigned int i, left;

	race_stop(control, RACE_STOP_ASKED, -1, 0);
	do {
		for (i = left = 0; i < control->nlanes; i++) {
			if (crew->members[i].running)
				reap(&crew->members[i]);
			left += crew->members[i].running;
		}
	} while (left && sys_wait_again(&wait));
	return left;
}

void race_crew_abandon(struct race_crew *crew)
{
	unsigned int i;

	for (i = 0; i < RACE_MAX_LANES; i++) {
		if (!crew->members[i].running)
			continue;
		if (crew->members[i].pid)
			kill(crew->members[i].pid, SIGKILL);
		else
			pthread_detach(crew->members[i].thread);
	}
}
