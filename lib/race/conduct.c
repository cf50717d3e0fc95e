// SPDX-License-Identifier: MIT
#include "race/conduct.h"

#include <string.h>

#include "race/attempt.h"
#include "race/clerk.h"
#include "race/place.h"
#include "race/preflight.h"

/* recalibration and rotation: timing drifts within seconds */
#define EPOCH_MS 1000

/* how often to look whether the attempts have moved to another place */
#define ANNOUNCE_MS 20

#define DEFAULT_MS 2000

static uint64_t ms_to_ticks(const struct race_conductor *conductor, uint64_t ms)
{
	return (uint64_t)((double)ms * 1e6 * conductor->control->clock.ticks_per_ns);
}

static bool passed(uint64_t now, uint64_t when)
{
	return (int64_t)(now - when) >= 0;
}

static void order_cpus(struct race_conductor *conductor)
{
	struct race_orders *orders = &conductor->control->orders;
	unsigned int i;

	for (i = 0; i < conductor->control->nlanes; i++)
		orders->cpu[i] = race_cpus_pick(&conductor->cpus, i, conductor->turn);
	orders->move = true;
}

/* Timing drifts, and a pair of CPUs may be slow for reasons of its own. */
static void end_epoch(struct race_conductor *conductor)
{
	race_clock_calibrate_loops(&conductor->control->clock);
	race_search_recalibrate(&conductor->search);
	conductor->report->recalibrations++;
	conductor->turn++;
	order_cpus(conductor);
	conductor->report->rotations++;
	conductor->audit_due = !conductor->scenario->audit_every;
	conductor->epoch_end = race_ticks() + conductor->epoch;
}

static void set_next_turn(struct race_conductor *conductor)
{
	conductor->next_turn = conductor->end;
	if (passed(conductor->next_turn, conductor->epoch_end))
		conductor->next_turn = conductor->epoch_end;
	if (passed(conductor->next_turn, conductor->announce_at))
		conductor->next_turn = conductor->announce_at;
}

void race_conduct_turn(struct race_conductor *conductor)
{
	uint64_t now = conductor->control->slot[0].end;

	race_perturb_turn(&conductor->perturb, &conductor->search);
	if (!passed(now, conductor->next_turn))
		return;
	if (passed(now, conductor->announce_at)) {
		race_place_announce(conductor);
		conductor->announce_at = now + ms_to_ticks(conductor, ANNOUNCE_MS);
	}
	if (passed(now, conductor->epoch_end))
		end_epoch(conductor);
	set_next_turn(conductor);
}

static void audit(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_why why = { 0 };

	conductor->audit_due = false;
	if (!scenario->audit)
		return;
	conductor->report->audits++;
	if (scenario->audit(scenario->ctx, &why)) {
		memcpy(conductor->report->hit.why, why.text, sizeof(why.text));
		race_stop(conductor->control, RACE_STOP_BROKEN, 0, 0);
	}
}

/* Between attempts. False when it was the last one. */
static bool go_on(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	const struct race_report *report = conductor->report;
	uint64_t tried = report->attempts + report->outcomes[RACE_SETUP_FAILED];
	uint64_t max = conductor->options->max_attempts;
	/* what failed to be set up took no time that the lanes know of */
	uint64_t now = conductor->took_place ? conductor->control->slot[0].end : race_ticks();

	if (race_stopped(conductor->control) ||
	    atomic_load_explicit(&conductor->control->finish, memory_order_relaxed) ||
	    (max && tried >= max) || passed(now, conductor->end))
		return false;
	if (conductor->audit_due ||
	    (scenario->audit_every && tried && tried % scenario->audit_every == 0))
		audit(conductor);
	return !race_stopped(conductor->control);
}

static void run(struct race_conductor *conductor)
{
	struct race_control *control = conductor->control;
	uint64_t time_ms = conductor->options->time_ms ? conductor->options->time_ms : DEFAULT_MS;
	uint64_t time = ms_to_ticks(conductor, time_ms), begin = race_ticks();

	conductor->end = begin + time;
	conductor->epoch = ms_to_ticks(conductor, EPOCH_MS);
	if (conductor->epoch > time / 4)
		conductor->epoch = time / 4;
	conductor->epoch_end = begin + conductor->epoch;
	conductor->announce_at = begin;
	race_place_announce(conductor);
	set_next_turn(conductor);
	race_perturb_turn(&conductor->perturb, &conductor->search);
	race_clerk_plan(conductor, conductor->seq + 1);
	while (go_on(conductor))
		if (!race_attempt_once(conductor))
			break;
	race_perturb_end(&conductor->perturb);
	if (!race_stopped(control))
		audit(conductor);
	conductor->report->seconds = (double)(race_ticks() - begin) / control->clock.ticks_per_ns /
				     1e9;
}

void race_conduct(struct race_conductor *conductor)
{
	const struct race_scenario *scenario = conductor->scenario;
	struct race_control *control = conductor->control;
	int err = scenario->start ? scenario->start(scenario->ctx, 0) : 0;

	if (err) {
		race_stop(control, RACE_STOP_HOOK, 0, err);
		return;
	}
	order_cpus(conductor);
	if (race_preflight(conductor))
		run(conductor);
	race_stop(control, RACE_STOP_DONE, 0, 0);
	if (scenario->finish)
		scenario->finish(scenario->ctx, 0);
}
