/* SPDX-License-Identifier: MIT */
/* Where the attempts are: as a replay string, and announced before they get dangerous. */
#ifndef RACE_PLACE_H
#define RACE_PLACE_H

#include "race/conduct.h"

/** The replay string of one attempt, cut to nothing when @size is too small. */
void race_place_of_attempt(const struct race_conductor *conductor,
			   const struct race_attempt *attempt, char *out, size_t size);

/** Calls options->announce() when the attempts have moved to a place not announced yet. */
void race_place_announce(struct race_conductor *conductor);

#endif
