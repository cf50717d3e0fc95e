// SPDX-License-Identifier: MIT
#include "suite/outcome.h"

#include <string.h>
#include <sys/resource.h>

enum race_outcome outcome_lane0(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] >= 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

enum race_outcome outcome_lane1(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[1].ret[0] >= 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

enum race_outcome outcome_both(void *ctx, const struct race_attempt *attempt)
{
	return RACE_BOTH;
}

/* Of lane 0, whose thread classifies, too. */
static _Thread_local long slept;

static long times_slept(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

void outcome_wait_begins(void)
{
	slept = -times_slept();
}

void outcome_wait_ends(void)
{
	slept += times_slept();
}

enum race_outcome outcome_by_sleep(void *ctx, const struct race_attempt *attempt)
{
	return slept ? RACE_A_FIRST : RACE_B_FIRST;
}

bool outcome_slept_through(const struct race_attempt *attempt, unsigned int bound_ms)
{
	return attempt->lane[1].end_ns - attempt->lane[0].start_ns <
	       bound_ms * INT64_C(1000000) / 2;
}

int outcome_ok(long ret, const char *what, struct race_why *why)
{
	return ret >= 0 ? 0 : race_why(why, "%s: %s", what, strerror((int)-ret));
}

int outcome_all_ok(const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[0].ret[0], "the first lane's call", why))
		return -1;
	return outcome_ok(attempt->lane[1].ret[0], "the second lane's call", why);
}

int outcome_signaled(int ret, const char *what, struct race_why *why)
{
	return ret == 1 ? 0 : race_why(why, "%s: %s", what, ret ? strerror(-ret) : "not signaled");
}

int outcome_ok_or(long ret, int error, const char *what, struct race_why *why)
{
	if (ret >= 0 || ret == -error)
		return 0;
	return race_why(why, "%s, too late, gives %s instead of %s", what, strerror((int)-ret),
			strerror(error));
}

int outcome_only_one(const struct race_attempt *attempt, int error, const char *call,
		     const char *what, struct race_why *why)
{
	long a = attempt->lane[0].ret[0], b = attempt->lane[1].ret[0];

	if (outcome_ok_or(a, error, call, why) || outcome_ok_or(b, error, call, why))
		return -1;
	if ((a < 0) == (b < 0))
		return race_why(why, "%s: %s succeeded", what, a < 0 ? "none" : "both");
	return 0;
}
