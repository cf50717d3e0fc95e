/* SPDX-License-Identifier: MIT */
#ifndef SUITE_KEPT_H
#define SUITE_KEPT_H

#include <stdint.h>

#include "drm/device.h"
#include "drm/file.h"
#include "suite/convoy.h"

/** What a race between two files needs of the device, and whether an object outlives attempts. */
enum {
	KEPT_FLINK = 1 << 0,  /**< names */
	KEPT_PRIME = 1 << 1,  /**< export and import */
	KEPT_OBJECT = 1 << 2, /**< an object kept by its dma-buf; goes with KEPT_PRIME */
};

/**
 * struct kept - two drm files of one device, and perhaps one object
 *
 * Most races need these. The object is held by nothing but its dma-buf between attempts: a handle
 * for it is the last one then, and to import it is twice as fast as to create another.
 *
 * Embed it as the first member of a scenario's context: then kept_hold() serves as its hold().
 */
struct kept {
	struct drm_file file[2];
	int fd;         /**< the dma-buf; -1: no object is kept */
	uint64_t inode; /**< its identity */
	struct convoy convoy;
};

/** Opens the files; skips when the device lacks what @needs says. */
void kept_init(struct kept *kept, const struct drm_device *device, unsigned int needs);
void kept_finish(struct kept *kept);

/** A handle in file[@file]: of the kept object, else of a new one. 0 or -errno. */
int kept_handle(const struct kept *kept, unsigned int file, uint32_t *ret_handle);

/** race_scenario.hold: holds dev->object_name_lock for a while. @ctx starts with a struct kept. */
void kept_hold(void *ctx);

#endif
