// SPDX-License-Identifier: MIT
#include "race/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

/* fewer aligned attempts than this, or a smaller share, say nothing */
#define MIN_ALIGNED       100
#define MIN_ALIGNED_SHARE 0.05

static const char *const outcome_names[RACE_OUTCOMES] = {
	[RACE_A_FIRST] = "a-first",     [RACE_B_FIRST] = "b-first",
	[RACE_BOTH] = "both",           [RACE_NEITHER] = "neither",
	[RACE_IN_WINDOW] = "in-window", [RACE_SETUP_FAILED] = "setup-failed",
};

static const char *const verdict_names[] = {
	[RACE_HELD] = "held",
	[RACE_BROKEN] = "broken",
	[RACE_UNDERPOWERED] = "underpowered",
	[RACE_ABANDONED] = "abandoned",
};

const char *race_outcome_name(enum race_outcome outcome)
{
	return (unsigned int)outcome < RACE_OUTCOMES ? outcome_names[outcome] : "?";
}

const char *race_verdict_name(enum race_verdict verdict)
{
	return (unsigned int)verdict <= RACE_ABANDONED ? verdict_names[verdict] : "?";
}

__attribute__((format(printf, 3, 4))) static void
decide(struct race_report *report, enum race_verdict verdict, const char *fmt, ...)
{
	va_list args;

	report->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(report->reason, sizeof(report->reason), fmt, args);
	va_end(args);
}

static bool was_hit(const struct race_report *report)
{
	return report->hit.attempt.index || report->hit.why[0];
}

static void figures(struct race_conductor *conductor)
{
	struct race_report *report = conductor->report;
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++) {
		report->duration_ns[i] = conductor->search.median[i];
		memcpy(report->range_ns[i], conductor->search.range[i],
		       sizeof(report->range_ns[i]));
	}
	report->skew_ns[0] = race_ring_quantile(&conductor->bias[1], 0.1);
	report->skew_ns[1] = race_ring_quantile(&conductor->bias[1], 0.5);
	report->skew_ns[2] = race_ring_quantile(&conductor->bias[1], 0.9);
	for (i = 0; i < conductor->search.ntrackers; i++)
		report->flips[i] = conductor->search.trackers[i].flip;
	report->nflips = conductor->search.ntrackers;
	report->upper_bound = race_upper_bound(was_hit(report), report->informative);
	if (report->attempts)
		report->delay_ns /= (double)report->attempts;
	race_perturb_report(&conductor->perturb, report);
}

static void hang(struct race_conductor *conductor, int lane)
{
	const struct race_scenario *scenario = conductor->scenario;
	unsigned int op = atomic_load(&conductor->control->slot[lane].op);

	decide(conductor->report, RACE_BROKEN, "lane %d (%s) did not come back from %s", lane,
	       scenario->lanes[lane].name,
	       op ? scenario->lanes[lane].ops[op - 1].name : "a hook or the barrier");
}

static void lane_ended(struct race_conductor *conductor, const struct race_crew *crew, int lane)
{
	int status = crew->members[lane].status;

	if (crew->members[lane].pid && WIFSIGNALED(status))
		decide(conductor->report, RACE_ABANDONED, "lane %d (%s) died of signal %d", lane,
		       conductor->scenario->lanes[lane].name, WTERMSIG(status));
	else
		decide(conductor->report, RACE_ABANDONED, "lane %d (%s) ended early", lane,
		       conductor->scenario->lanes[lane].name);
}

static bool flip_found(const struct race_report *report)
{
	unsigned int i;

	for (i = 0; i < report->nflips; i++)
		if (race_flip_found(&report->flips[i]))
			return true;
	return false;
}

/* Nothing broke: does that mean anything? */
static void weigh(struct race_conductor *conductor)
{
	struct race_report *report = conductor->report;
	uint64_t tried = report->attempts + report->outcomes[RACE_SETUP_FAILED];

	if (tried && !report->attempts)
		decide(report, RACE_ABANDONED, "the set-up failed in all %llu attempts",
		       (unsigned long long)tried);
	else if (report->aligned < MIN_ALIGNED ||
		 (double)report->aligned < MIN_ALIGNED_SHARE * (double)report->attempts)
		decide(report, RACE_UNDERPOWERED,
		       "only %llu of %llu attempts were aligned (%.1f CPUs ran at the same time)",
		       (unsigned long long)report->aligned, (unsigned long long)report->attempts,
		       report->preflight.effective_cpus);
	else if (!report->informative)
		decide(report, RACE_UNDERPOWERED,
		       report->nflips ? "%llu aligned attempts, none of them near a flip"
				      : "no flip found in %llu aligned attempts",
		       (unsigned long long)report->aligned);
	else if (!flip_found(report) && !report->outcomes[RACE_IN_WINDOW])
		decide(report, RACE_UNDERPOWERED, "no flip found in %llu aligned attempts",
		       (unsigned long long)report->aligned);
	else
		decide(report, RACE_HELD,
		       "%llu attempts, %llu informative; hit probability below %.2g (95 %%)",
		       (unsigned long long)report->attempts,
		       (unsigned long long)report->informative, report->upper_bound);
}

void race_verdict_reach(struct race_conductor *conductor, const struct race_crew *crew)
{
	struct race_control *control = conductor->control;
	struct race_report *report = conductor->report;
	int lane = atomic_load(&control->stop_lane);

	figures(conductor);
	if (report->preflight.cpus < (int)control->nlanes) {
		decide(report, RACE_UNDERPOWERED, "%d CPU%s for %u lanes", report->preflight.cpus,
		       report->preflight.cpus == 1 ? "" : "s", control->nlanes);
		return;
	}
	/* whatever became of the race after that */
	if (was_hit(report)) {
		decide(report, RACE_BROKEN, "%s", report->hit.why);
		return;
	}
	switch ((enum race_stop)atomic_load(&control->stop)) {
	case RACE_STOP_BROKEN:
		decide(report, RACE_BROKEN, "%s", report->hit.why);
		break;
	case RACE_STOP_HANG:
		hang(conductor, lane);
		break;
	case RACE_STOP_LANE:
		lane_ended(conductor, crew, lane);
		break;
	case RACE_STOP_HOOK:
		decide(report, RACE_ABANDONED, "start() of lane %d (%s) failed: %s", lane,
		       conductor->scenario->lanes[lane].name,
		       strerror(-atomic_load(&control->stop_error)));
		break;
	case RACE_STOP_ASKED:
	case RACE_STOP_DONE:
	case RACE_STOP_NONE:
		if (atomic_load(&control->asked))
			decide(report, RACE_ABANDONED, "stopped from outside");
		else
			weigh(conductor);
		break;
	}
}
