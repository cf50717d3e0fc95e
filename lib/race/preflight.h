/* SPDX-License-Identifier: MIT */
/* Can these lanes meet at all, on this machine, and how closely? */
#ifndef RACE_PREFLIGHT_H
#define RACE_PREFLIGHT_H

#include "race/conduct.h"

/**
 * Lets the lanes meet some hundred times without calling anything, with the bare barrier and with
 * a TSC deadline, chooses the closer one, and fills report->preflight. Called by lane 0 once all
 * lanes run. False when the race was stopped meanwhile.
 */
bool race_preflight(struct race_conductor *conductor);

#endif
