/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_AHEAD_H
#define RUNNER_PROVE_AHEAD_H

/*
 * Work that goes on beside the VMs, in a process of its own and with less right to the CPUs: what
 * it makes lies in the cache by the time it is wanted. It is not our child, so that nothing that
 * waits for or ends a child meets it, and it ends with us.
 */
struct ahead {
	int pipe; /* closed: the work is to end */
};

/* @work ends early once its @cancel_fd is readable. 0 or -errno; then nothing was started. */
int ahead_start(void (*work)(void *data, int cancel_fd), void *data, struct ahead *ret);

/* Fine on one that was never started ({ -1 }). */
void ahead_stop(struct ahead *ahead);

#endif
