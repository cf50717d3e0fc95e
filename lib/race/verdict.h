/* SPDX-License-Identifier: MIT */
/* From what happened to a verdict, with the reason in one line. */
#ifndef RACE_VERDICT_H
#define RACE_VERDICT_H

#include "race/crew.h"

/** Completes conductor->report: the figures, the verdict and the reason. */
void race_verdict_reach(struct race_conductor *conductor, const struct race_crew *crew);

#endif
