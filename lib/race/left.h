/* SPDX-License-Identifier: MIT */
/* Threads and processes that did not end when the race did: who they are and where they stay. */
#ifndef RACE_LEFT_H
#define RACE_LEFT_H

#include "race/crew.h"

/**
 * Writes one line about each that is left, ", " between them: "lane 1 (export): state D in
 * dma_resv_wait_timeout". The place is the kernel's; it takes root. Empty when none is left.
 */
void race_left_tell(const struct race_crew *crew, char *text, size_t size);

#endif
