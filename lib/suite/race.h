/* SPDX-License-Identifier: MIT */
#ifndef SUITE_RACE_H
#define SUITE_RACE_H

#include "race/race.h"
#include "suite/suite.h"

/**
 * Runs a race as the settings say, tells what it did, leaves its evidence as the attachment
 * race.json, and makes the verdict the subtest's:
 *
 *	held          goes on
 *	broken        fails, with the attempt and the line that replays it; also by a cry of the
 *	              kernel's, with the place that was announced before it
 *	underpowered  skips: "underpowered: REASON"; nothing was shown
 *	abandoned     fails, or takes the result of the lane's thread that failed
 */
void suite_race(const struct suite *suite, const struct race_scenario *scenario);

#endif
