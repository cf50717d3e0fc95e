/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CONVOY_H
#define SUITE_CONVOY_H

#include <stdint.h>

#include "drm/device.h"
#include "drm/file.h"

/* Rows of gem_names: about as long as a preempted holder of the mutex would take. */
#define CONVOY_NAMES 64

/**
 * struct convoy - holds dev->object_name_lock for a while, on demand
 *
 * Reading debugfs's gem_names formats a row for every name under that mutex. Lanes that queue on
 * it meanwhile are let in one after the other when it is released, in an order that the mutex
 * chooses, not the lanes: that stretches every window which ends with taking it.
 */
struct convoy {
	struct drm_file file; /* has the named buffers */
	int fd;               /* gem_names; -1: there is none, or no permission */
};

#define CONVOY_NONE                                                                                \
	{                                                                                          \
		.file = DRM_FILE_CLOSED, .fd = -1                                                  \
	}

/** Makes names and opens the list. Without debugfs the convoy does nothing, which is no error. */
void convoy_init(struct convoy *convoy, const struct drm_device *device);
void convoy_finish(struct convoy *convoy);

/** Holds the mutex once. */
void convoy_hold(struct convoy *convoy);

#endif
