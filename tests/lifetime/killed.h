/* SPDX-License-Identifier: MIT */
/* Processes that are killed while they use a device. */
#ifndef LIFETIME_KILLED_H
#define LIFETIME_KILLED_H

#include "drm/device.h"
#include "suite/suite.h"

/** suite_device_test: batches of victims; after each nothing of theirs may be left. */
void killed_in_the_middle(const struct suite *suite, const struct drm_device *device,
			  const void *data);

#endif
