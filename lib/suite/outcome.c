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

enum race_flip_by outcome_flip_by(enum race_outcome (*classify)(void *ctx,
								const struct race_attempt *attempt))
{
	return classify == outcome_both ? RACE_FLIP_BY_END : RACE_FLIP_BY_OUTCOME;
}

long outcome_times_slept(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nvcsw;
}

int outcome_ok(long ret, const char *what, struct race_why *why)
{
	return ret >= 0 ? 0 : race_why(why, "%s: %s", what, strerror((int)-ret));
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
