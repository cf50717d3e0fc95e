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
	size_t length;

	if (atomic_exchange(&outcome->claimed, 1))
		return;
	length = strnlen(reason, sizeof(outcome->reason) - 1);
	memcpy(outcome->reason, reason, length);
	outcome->reason[length] = '\0';
	outcome->sig = sig;
	atomic_store(&outcome->result, result);
}

void igt_outcome_clear(struct igt_outcome *outcome)
{
	atomic_store(&outcome->result, IGT_RESULT_NONE);
	outcome->sig = 0;
	outcome->reason[0] = '\0';
	atomic_store(&outcome->claimed, 0);
}

enum igt_result igt_outcome_get(const struct igt_outcome *outcome)
{
	return (enum igt_result)atomic_load(&outcome->result);
}
