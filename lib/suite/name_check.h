/* SPDX-License-Identifier: MIT */
#ifndef SUITE_NAME_CHECK_H
#define SUITE_NAME_CHECK_H

#include <stdint.h>

#include "drm/file.h"
#include "race/race.h"

/** Invariants of a flink name, for a scenario's check(): 0 when they hold, else -1 with why. */

/** The object has no handle any more, so that opening @name, in @file, finds nothing. */
int name_check_reaped(const struct drm_file *file, uint32_t name, struct race_why *why);

/** The object still has @handle in @file, so that @name can be opened and is what it is called. */
int name_check_kept(const struct drm_file *file, uint32_t handle, uint32_t name,
		    struct race_why *why);

#endif
