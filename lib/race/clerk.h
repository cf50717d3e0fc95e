/* SPDX-License-Identifier: MIT */
/*
 * The clerk learns from each attempt and plans the next one. That is lane 1 after its calls, while
 * lane 0 tears down and sets up: arithmetic that is slow under emulation costs nothing there.
 *
 * What the conductor and the clerk both use belongs to one of them at a time: to lane 0 from the
 * barrier until it publishes settled, to the clerk from then until it publishes planned.
 */
#ifndef RACE_CLERK_H
#define RACE_CLERK_H

#include "race/conduct.h"

/** The lane that is the clerk. */
#define RACE_CLERK 1

/** Plans attempt @seq, delays and all, and publishes that. Lane 0 calls it for the first one. */
void race_clerk_plan(struct race_conductor *conductor, uint64_t seq);

/** Learns from attempt @seq, which is settled, and plans the one after it. */
void race_clerk_turn(struct race_conductor *conductor, uint64_t seq);

/** From here on lanes are taken to start @bias ns later than planned, give or take @noise. */
void race_clerk_align(struct race_conductor *conductor, double bias, double noise);

/** Sets the delays so that the lanes start at @target (ns after lane 0). */
void race_clerk_delays(struct race_conductor *conductor, const double *target);

#endif
