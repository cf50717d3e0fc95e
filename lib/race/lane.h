/* SPDX-License-Identifier: MIT */
/* One lane: its part of an attempt, and the loop of the lanes that follow lane 0. */
#ifndef RACE_LANE_H
#define RACE_LANE_H

#include "race/control.h"

/** Does what the orders of attempt @seq say. False when the race was stopped on the way. */
bool race_lane_obey(struct race_control *control, unsigned int lane, uint64_t seq);

/** The whole life of a lane above 0: start(), every attempt, finish(). */
void race_lane_follow(struct race_control *control, unsigned int lane);

#endif
