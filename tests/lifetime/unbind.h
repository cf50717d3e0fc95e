/* SPDX-License-Identifier: MIT */
/* A driver taken from its device (sysfs unbind) while something of it is still held. */
#ifndef LIFETIME_UNBIND_H
#define LIFETIME_UNBIND_H

#include "drm/device.h"
#include "suite/suite.h"

/** suite_device_tests. The driver is bound again at their end. */
void dma_buf_outlives_device(const struct suite *suite, const struct drm_device *device,
			     const void *data);
void file_outlives_device(const struct suite *suite, const struct drm_device *device,
			  const void *data);

#endif
