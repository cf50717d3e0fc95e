/* SPDX-License-Identifier: MIT */
/* Lane 0's part of one attempt. */
#ifndef RACE_ATTEMPT_H
#define RACE_ATTEMPT_H

#include "race/conduct.h"

/** One attempt, from its set-up to its tear-down. False when the race was stopped on the way. */
bool race_attempt_once(struct race_conductor *conductor);

/** Gives out the orders for one more attempt that only meets or spins, and takes part in it. */
bool race_attempt_dry(struct race_conductor *conductor, enum race_task task);

#endif
