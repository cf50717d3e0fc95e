// SPDX-License-Identifier: MIT
#include "igt/state.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct igt_state igt_state;

int64_t igt_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

double igt_seconds_since(int64_t began)
{
	return (double)(igt_now() - began) / 1e9;
}

bool igt_is_main_thread(void)
{
	/* True of the only thread of a forked child too, whichever thread forked it. */
	return syscall(SYS_gettid) == getpid();
}

void igt_outcome_set(struct igt_outcome *outcome, enum igt_result result, int sig,
		     const char *reason)
{
	struct igt_outcome_slot *slot = &outcome->slot[result];
	size_t length;

	atomic_store(&outcome->any, true);
	if (atomic_exchange(&slot->claimed, true))
		return;
	length = strnlen(reason, sizeof(slot->reason) - 1);
	memcpy(slot->reason, reason, length);
	slot->reason[length] = '\0';
	slot->sig = sig;
	atomic_store(&slot->set, true);
}

void igt_outcome_clear(struct igt_outcome *outcome)
{
	for (int i = 0; i <= IGT_RESULT_ABORT; i++) {
		atomic_store(&outcome->slot[i].set, false);
		atomic_store(&outcome->slot[i].claimed, false);
	}
	atomic_store(&outcome->any, false);
}

enum igt_result igt_outcome_get(const struct igt_outcome *outcome)
{
	int i = IGT_RESULT_ABORT;

	while (i > IGT_RESULT_NONE && !atomic_load(&outcome->slot[i].set))
		i--;
	return (enum igt_result)i;
}

int igt_outcome_sig(const struct igt_outcome *outcome)
{
	return outcome->slot[igt_outcome_get(outcome)].sig;
}

const char *igt_outcome_reason(const struct igt_outcome *outcome)
{
	return outcome->slot[igt_outcome_get(outcome)].reason;
}
