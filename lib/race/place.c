// SPDX-License-Identifier: MIT
#include "race/place.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* a flip that has moved by this many sigma is another place */
#define MOVED_SIGMA 10

/* a lane that was away for this long was stalled by somebody */
#define STRAY_NS 5000

/* what calls take, about */
#define FIRST_RANGE_NS 10000

static void name_place(const struct race_conductor *conductor, struct race_replay *replay)
{
	*replay = (struct race_replay){
		.seed = conductor->report->seed,
		.lanes = conductor->control->nlanes,
		.sigma = fmax(conductor->noise_ns, 1),
	};
	snprintf(replay->race, sizeof(replay->race), "%s", conductor->scenario->name);
}

/*
 * Was a lane away although nothing of ours stalled it? The host, another task or a late interrupt
 * did then, and what broke the invariant is the stall: only another one leads back.
 */
static bool strayed(const struct race_conductor *conductor, const struct race_attempt *attempt,
		    unsigned int *ret_victim)
{
	const double *median = conductor->search.median;
	unsigned int i;

	for (i = 0; i < attempt->lanes; i++) {
		const struct race_lane_result *lane = &attempt->lane[i];
		double late = i ? (double)lane->start_ns - conductor->aim.target[i] : 0;

		*ret_victim = i && late < 0 ? 0 : i;
		if (fabs(late) > STRAY_NS ||
		    (double)(lane->end_ns - lane->start_ns) > 2 * median[i] + STRAY_NS)
			return true;
	}
	return false;
}

void race_place_of_attempt(const struct race_conductor *conductor,
			   const struct race_attempt *attempt, char *out, size_t size)
{
	bool disturbed = conductor->aim.disturbed;
	unsigned int victim = conductor->perturb.victim;
	struct race_replay replay;
	unsigned int i;

	name_place(conductor, &replay);
	replay.phase = conductor->perturb.phase_ns;
	snprintf(replay.perturb, sizeof(replay.perturb), "%s",
		 race_perturb_name(&conductor->perturb));
	if (!disturbed && strayed(conductor, attempt, &victim)) {
		disturbed = true;
		replay.phase = conductor->search.median[victim] / 2;
		snprintf(replay.perturb, sizeof(replay.perturb), "%s",
			 race_perturb_stand_in(&conductor->perturb));
	}
	replay.victim = victim;
	for (i = 1; i < attempt->lanes; i++) {
		const struct race_flip *flip;

		/* a stall shifts the start that was achieved: what leads back is the plan */
		replay.at[i] = disturbed ? conductor->aim.target[i]
					 : (double)attempt->lane[i].start_ns;
		flip = race_search_nearest(&conductor->search, i, replay.at[i]);
		if (flip)
			replay.off[i] = replay.at[i] - flip->at_ns;
		replay.from_flip = flip && (i == 1 || replay.from_flip);
	}
	if (race_replay_format(&replay, out, size))
		out[0] = '\0';
}

void race_place_announce(struct race_conductor *conductor)
{
	const struct race_options *options = conductor->options;
	const struct race_search *search = &conductor->search;
	const struct race_flip *flip = search->ntrackers ? &search->trackers[0].flip : NULL;
	char place[RACE_LINE_SIZE], line[RACE_LINE_SIZE + 64];
	struct race_replay replay;
	unsigned int i;

	if (!options->announce)
		return;
	if (conductor->announced.sigma_ns > 0 &&
	    (!flip || (conductor->announced.lane == flip->lane &&
		       fabs(conductor->announced.at_ns - flip->at_ns) <=
			       MOVED_SIGMA * fmax(flip->sigma_ns, conductor->noise_ns))))
		return;

	name_place(conductor, &replay);
	for (i = 1; i < search->nlanes; i++) {
		const struct race_flip *of_lane = race_search_nearest(search, i, 0);

		replay.from_flip = of_lane && (i == 1 || replay.from_flip);
		replay.at[i] = of_lane ? of_lane->at_ns : 0;
		/* without a flip the place is the whole range, or before that is known, a guess */
		replay.sigma = fmax(replay.sigma, of_lane                   ? of_lane->sigma_ns
						  : search->range[i][1] > 0 ? search->range[i][1]
									    : FIRST_RANGE_NS);
	}
	if (race_replay_format(&replay, place, sizeof(place)))
		return;
	snprintf(line, sizeof(line), RACE_SETTINGS, replay.seed, place);
	options->announce(options->announce_ctx, line);
	conductor->announced = flip ? *flip : (struct race_flip){ .sigma_ns = replay.sigma };
}
