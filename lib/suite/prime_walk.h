/* SPDX-License-Identifier: MIT */
#ifndef SUITE_PRIME_WALK_H
#define SUITE_PRIME_WALK_H

#include "drm/file.h"
#include "drm/prime_model.h"
#include "suite/walk.h"

struct drm_device;

/**
 * struct prime_walk - one new object in two drm files, and all that PRIME and flink do with it
 *
 * After each step it is compared with the model what was returned, the inode of each fd and the
 * dma-buf's count of references. At the end of a walk every way to the object is tried once more:
 * the name, the caches, a closed handle.
 */
struct prime_walk {
	const struct drm_device *device;
	struct drm_file files[PRIME_FILES];
	struct prime_model model;
	int fd[PRIME_FDS];
};

/** Opens the files; skips when the device has no buffers, names or PRIME. */
void prime_walk_init(struct prime_walk *walk, const struct drm_device *device);
void prime_walk_finish(struct prime_walk *walk);

/** To be walked with suite/walk.h. */
struct walk_subject prime_walk_subject(struct prime_walk *walk);

#endif
