// SPDX-License-Identifier: MIT
#include "race/perturb.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* clang-format off */
static const struct race_perturb_ops *const kinds[] = {
	&race_perturb_timer,
	&race_perturb_epoll,
	&race_perturb_preempt,
	&race_perturb_idle,
	&race_perturb_resched,
	&race_perturb_membarrier,
	&race_perturb_work,
	&race_perturb_hold,
};
/* clang-format on */
#define NKINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) <= RACE_PERTURB_KINDS, "the report holds them all");

/* attempts in a block: what begins and ends it must not cost more than what is in it */
#define BLOCK 32

/* ... and no longer than this, where somebody else got hold of the victim's CPU */
#define BLOCK_MS 20

/* of the race's time, for all kinds together: most windows are better found undisturbed */
#define TIME_SHARE 0.15
/* ... and where a lane is exposed, on a quiet machine nothing else opens its window */
#define TIME_SHARE_EXPOSED 0.4

/* of the blocks, those that stall an exposed lane where there is one */
#define EXPOSED_SHARE 0.875

/* an outcome this rare is what perturbing is for */
#define RARE_ONE_IN 50

/* longer than usual by this: the shortest stall, a bare interrupt's */
#define STALL_NS 2000

/* rare outcomes that a kind is credited with beforehand; more when the scenario offers it */
#define PRIOR           0.5
#define PRIOR_ASKED_FOR 1.5

/* going back to a stalled attempt: the share of the blocks with its kind */
#define BACK_SHARE 0.8

/* the undisturbed search comes first */
#define FIRST_ATTEMPTS 256
/* ... but not for ever where calls take a millisecond each: heavy debugging kernels under TCG */
#define FIRST_MS 250

#define MAX_LEVEL 4

/* back to a stalled attempt: how well a timer keeps its time, and how widely the lanes start */
#define PHASE_NOISE_NS 1000
#define NEAR_SIGMA     5

static int find_kind(const char *name, size_t length)
{
	int i;

	for (i = 0; i < NKINDS; i++)
		if (strlen(kinds[i]->name) == length && !strncmp(kinds[i]->name, name, length))
			return i;
	return -1;
}

/* The last word on a kind counts. Without a positive word first, negations take from "all". */
static int read_wanted(const char *text, bool *wanted)
{
	int i, kind;

	for (i = 0; i < NKINDS; i++)
		wanted[i] = !text || *text == '!' || !*text;
	while (text && *text) {
		bool on = *text != '!';
		const char *name = text + !on;
		size_t length = strcspn(name, ",");

		if (length == 3 && !strncmp(name, "all", 3)) {
			for (i = 0; i < NKINDS; i++)
				wanted[i] = on;
		} else if (length == 4 && !strncmp(name, "none", 4)) {
			for (i = 0; i < NKINDS; i++)
				wanted[i] = !on;
		} else {
			kind = find_kind(name, length);
			if (kind < 0)
				return -EINVAL;
			wanted[kind] = on;
		}
		text = name + length + (name[length] == ',');
	}
	return 0;
}

int race_perturb_check(const char *list)
{
	bool wanted[RACE_PERTURB_KINDS];

	return read_wanted(list, wanted);
}

int race_perturb_open(struct race_perturb *perturb, struct race_control *control,
		      struct race_cpus *cpus, const char *wanted_text,
		      const struct race_replay *replay, uint64_t seed)
{
	const char *prefer = replay ? replay->perturb : "";
	bool wanted[RACE_PERTURB_KINDS];
	int err = read_wanted(wanted_text, wanted);
	bool timers = false;
	int i, k;

	memset(perturb, 0, sizeof(*perturb));
	perturb->control = control;
	perturb->cpus = cpus;
	perturb->rng.state = ~seed;
	perturb->kind = RACE_PERTURB_NONE;
	perturb->replay = replay;
	perturb->prefer = *prefer ? find_kind(prefer, strlen(prefer)) : RACE_PERTURB_NONE;
	perturb->epoll = perturb->preempt_timer = -1;
	for (i = 0; i < RACE_MAX_LANES; i++) {
		perturb->timer[i] = perturb->wide_timer[i] = -1;
		for (k = 0; k < RACE_MAX_WAITERS; k++)
			perturb->waiters[i][k] = -1;
	}
	if (err || (*prefer && perturb->prefer < 0))
		return -EINVAL;
	for (i = 0; i < NKINDS; i++) {
		perturb->skipped[i] = "switched off";
		if (!wanted[i])
			continue;
		perturb->open[i] = true;
		perturb->skipped[i] = kinds[i]->open(perturb);
		timers |= kinds[i]->by_timer && !perturb->skipped[i];
	}
	if (timers)
		perturb->late_ns = race_timer_lateness(&control->clock);
	return 0;
}

bool race_perturb_close(struct race_perturb *perturb)
{
	int i;

	for (i = 0; i < NKINDS; i++)
		if (perturb->open[i] && kinds[i]->close)
			kinds[i]->close(perturb);
	return !perturb->preempter.running && !perturb->waker.running && !perturb->kicker.running &&
	       !perturb->holder.running;
}

/* Proportional to the rare outcomes per time: what never paid is still tried now and then. */
static int choose(struct race_perturb *perturb)
{
	double score[RACE_PERTURB_KINDS], sum = 0, at;
	int i, last = RACE_PERTURB_NONE;

	for (i = 0; i < NKINDS; i++) {
		score[i] = perturb->skipped[i] ? 0
					       : ((double)perturb->paid[i] +
						  (kinds[i]->asked_for ? PRIOR_ASKED_FOR : PRIOR)) /
							 (perturb->spent_ms[i] + 1);
		sum += score[i];
	}
	at = race_rng_in(&perturb->rng, 0, sum);
	for (i = 0; i < NKINDS; i++) {
		if (score[i] <= 0)
			continue;
		last = i;
		if (at < score[i])
			break;
		at -= score[i];
	}
	return last;
}

static unsigned int choose_victim(struct race_perturb *perturb, unsigned int nlanes)
{
	const struct race_scenario *scenario = perturb->control->scenario;
	unsigned int exposed[RACE_MAX_LANES], n = 0, i;

	for (i = 0; i < nlanes; i++)
		if (scenario->exposed & 1u << i)
			exposed[n++] = i;
	if (n && race_rng_unit(&perturb->rng) < EXPOSED_SHARE)
		return exposed[race_rng_below(&perturb->rng, n)];
	return race_rng_below(&perturb->rng, nlanes);
}

/* The clerk may be planning an attempt that never comes: what it reads stays as it is. */
void race_perturb_end(struct race_perturb *perturb)
{
	if (perturb->kind != RACE_PERTURB_NONE && kinds[perturb->kind]->end)
		kinds[perturb->kind]->end(perturb);
}

static void next_block(struct race_perturb *perturb, const struct race_search *search)
{
	double share = perturb->control->scenario->exposed ? TIME_SHARE_EXPOSED : TIME_SHARE;
	double ticks_per_ms = perturb->control->clock.ticks_per_ns * 1e6;
	uint64_t now = race_ticks();
	double spent_ms = 0;
	int i;

	if (perturb->kind != RACE_PERTURB_NONE) {
		perturb->spent_ms[perturb->kind] += (double)(now - perturb->block_begin) /
						    ticks_per_ms;
		race_perturb_end(perturb);
	}
	if (!perturb->begin)
		perturb->begin = now;
	perturb->kind = RACE_PERTURB_NONE;
	perturb->left = BLOCK;
	perturb->block_begin = now;
	perturb->block_end = now + (uint64_t)(BLOCK_MS * ticks_per_ms);
	for (i = 0; i < NKINDS; i++)
		spent_ms += perturb->spent_ms[i];
	if (perturb->prefer >= 0 && !perturb->skipped[perturb->prefer] &&
	    race_rng_unit(&perturb->rng) < BACK_SHARE)
		perturb->kind = perturb->prefer;
	else if ((search->observed >= FIRST_ATTEMPTS ||
		  (double)(now - perturb->begin) > FIRST_MS * ticks_per_ms) &&
		 spent_ms * ticks_per_ms < share * (double)(now - perturb->begin))
		perturb->kind = choose(perturb);
	if (perturb->kind == RACE_PERTURB_NONE)
		return;
	perturb->victim = perturb->kind == perturb->prefer ? perturb->replay->victim
							   : choose_victim(perturb, search->nlanes);
	perturb->level = 1 + race_rng_below(&perturb->rng, MAX_LEVEL);
	perturb->median_slack_ns = race_ring_quantile(&perturb->slack_ns, 0.5);
	if (kinds[perturb->kind]->begin)
		kinds[perturb->kind]->begin(perturb);
}

/* The others are to call while the victim is away. */
static void aim_into_stall(struct race_perturb *perturb, const struct race_search *search,
			   struct race_aim *aim)
{
	double stall = kinds[perturb->kind]->stall_ns;
	double start[RACE_MAX_LANES];
	unsigned int i;

	for (i = 0; i < search->nlanes; i++) {
		start[i] = 0;
		if (i != perturb->victim)
			start[i] = perturb->phase_ns +
				   race_rng_in(&perturb->rng, -search->median[i], stall);
	}
	for (i = 1; i < search->nlanes; i++)
		aim->target[i] = start[i] - start[0];
}

/* The striker's call is to come just when its blow falls, and that during the victim's call. */
static void aim_strike(struct race_perturb *perturb, const struct race_search *search,
		       struct race_aim *aim)
{
	unsigned int striker = (unsigned int)race_perturb_striker(perturb);
	double start[RACE_MAX_LANES];
	unsigned int i;

	for (i = 0; i < search->nlanes; i++)
		start[i] = aim->target[i] - aim->target[perturb->victim];
	start[striker] = perturb->phase_ns;
	for (i = 1; i < search->nlanes; i++)
		aim->target[i] = start[i] - start[0];
}

/* To the same place with the same stall, give or take the noise of both. */
static void aim_back(struct race_perturb *perturb, const struct race_search *search,
		     struct race_aim *aim)
{
	const struct race_replay *replay = perturb->replay;
	unsigned int i;

	perturb->phase_ns = fmax(
		0, replay->phase + race_rng_in(&perturb->rng, -PHASE_NOISE_NS, PHASE_NOISE_NS));
	for (i = 1; i < search->nlanes; i++)
		aim->target[i] = replay->at[i] +
				 NEAR_SIGMA * replay->sigma * race_rng_in(&perturb->rng, -1, 1);
}

void race_perturb_turn(struct race_perturb *perturb, const struct race_search *search)
{
	uint64_t now = perturb->control->slot[0].end;

	if (!perturb->left ||
	    (perturb->kind != RACE_PERTURB_NONE && (int64_t)(now - perturb->block_end) > 0))
		next_block(perturb, search);
	perturb->left--;
}

void race_perturb_plan(struct race_perturb *perturb, const struct race_search *search,
		       struct race_aim *aim)
{
	if (perturb->kind == RACE_PERTURB_NONE)
		return;
	aim->disturbed = true;
	perturb->phase_ns = race_rng_in(&perturb->rng, 0, fmax(search->median[perturb->victim], 1));
	if (perturb->kind == perturb->prefer && race_rng_below(&perturb->rng, 2))
		aim_back(perturb, search, aim);
	else if (kinds[perturb->kind]->strike)
		aim_strike(perturb, search, aim);
	/* else around the flip, as the search says */
	else if (kinds[perturb->kind]->stall_ns > 0 && race_rng_below(&perturb->rng, 2))
		aim_into_stall(perturb, search, aim);
}

void race_perturb_arm(struct race_perturb *perturb, unsigned int lane, uint64_t seq,
		      double delay_ns)
{
	struct race_control *control = perturb->control;
	uint64_t armed;
	double in_ns;

	if (perturb->kind == RACE_PERTURB_NONE || perturb->victim != lane ||
	    !kinds[perturb->kind]->arm)
		return;
	in_ns = perturb->median_slack_ns + delay_ns + perturb->phase_ns;
	if (kinds[perturb->kind]->by_timer)
		in_ns -= perturb->late_ns;
	kinds[perturb->kind]->arm(perturb, lane, seq, in_ns);
	armed = race_ticks();
	/* a timer that is late by more than the call is ahead: the call has to wait for it */
	if (in_ns < 0) {
		uint64_t until = armed + (uint64_t)(-in_ns * control->clock.ticks_per_ns);

		race_delay_until(&control->clock, armed, until);
		armed = until;
	}
	control->slot[lane].armed = armed;
}

int race_perturb_striker(const struct race_perturb *perturb)
{
	if (perturb->kind == RACE_PERTURB_NONE || !kinds[perturb->kind]->strike)
		return -1;
	return perturb->victim ? 0 : 1;
}

void race_perturb_strike(struct race_perturb *perturb)
{
	kinds[perturb->kind]->strike(perturb);
}

bool race_perturb_settle(struct race_perturb *perturb, uint64_t seq)
{
	if (perturb->kind == RACE_PERTURB_NONE || !kinds[perturb->kind]->settle)
		return true;
	return kinds[perturb->kind]->settle(perturb, seq);
}

static bool rare(const struct race_perturb *perturb, enum race_outcome outcome)
{
	uint64_t sum = 0;
	int i;

	if (outcome == RACE_IN_WINDOW)
		return true;
	for (i = 0; i < RACE_OUTCOMES; i++)
		sum += perturb->outcomes[i];
	return perturb->outcomes[outcome] * RARE_ONE_IN < sum;
}

/* From arming to the victim's start, but for what it was made to wait. */
static void learn_slack(struct race_perturb *perturb)
{
	const struct race_control *control = perturb->control;
	const struct race_slot *slot = &control->slot[perturb->victim];

	race_ring_add(&perturb->slack_ns,
		      (double)(slot->start - slot->armed) / control->clock.ticks_per_ns -
			      control->delays.ns[perturb->victim]);
}

/* Whether the victim's calls took longer than they do, by about an interrupt at least. */
static bool stalled(const struct race_perturb *perturb, const struct race_search *search)
{
	const struct race_control *control = perturb->control;
	const struct race_slot *slot = &control->slot[perturb->victim];

	return (double)(slot->end - slot->start) >
	       (search->median[perturb->victim] + STALL_NS) * control->clock.ticks_per_ns;
}

void race_perturb_learn(struct race_perturb *perturb, const struct race_search *search,
			enum race_outcome outcome)
{
	perturb->outcomes[outcome]++;
	if (perturb->kind == RACE_PERTURB_NONE)
		return;
	perturb->attempts[perturb->kind]++;
	perturb->stalled[perturb->kind] += stalled(perturb, search);
	perturb->paid[perturb->kind] += rare(perturb, outcome);
	if (kinds[perturb->kind]->arm)
		learn_slack(perturb);
}

const char *race_perturb_stand_in(const struct race_perturb *perturb)
{
	static const struct race_perturb_ops *const best_first[] = {
		&race_perturb_hold,
		&race_perturb_idle,
		&race_perturb_preempt,
		&race_perturb_timer,
	};
	size_t k;
	int i;

	for (k = 0; k < sizeof(best_first) / sizeof(best_first[0]); k++)
		for (i = 0; i < NKINDS; i++)
			if (kinds[i] == best_first[k] && !perturb->skipped[i])
				return kinds[i]->name;
	return "";
}

const char *race_perturb_name(const struct race_perturb *perturb)
{
	return perturb->kind == RACE_PERTURB_NONE ? "" : kinds[perturb->kind]->name;
}

void race_perturb_report(const struct race_perturb *perturb, struct race_report *report)
{
	int i;

	report->nperturb = (unsigned int)NKINDS;
	for (i = 0; i < NKINDS; i++)
		report->perturb[i] = (struct race_perturb_report){
			.name = kinds[i]->name,
			.skipped = perturb->skipped[i],
			.attempts = perturb->attempts[i],
			.stalled = perturb->stalled[i],
			.paid = perturb->paid[i],
			.seconds = perturb->spent_ms[i] / 1e3,
		};
}
