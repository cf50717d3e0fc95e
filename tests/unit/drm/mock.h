/* SPDX-License-Identifier: MIT */
/*
 * A DRM device that exists only in the process: GEM, names and PRIME as any driver has them, and
 * the create and mmap ioctls of each family. Stands behind struct drm_io.
 */
#ifndef MOCK_H
#define MOCK_H

#include <stdbool.h>

#include "drm/file.h"
#include "drm/uapi.h"

#define MOCK_HANDLES 8

struct mock {
	struct drm_io io;
	const char *driver;
	uint64_t caps;               /* what DRM_CAP_PRIME says; DRM_CAP_DUMB_BUFFER is 1 */
	uint64_t size[MOCK_HANDLES]; /* of handle 1, 2, ...; 0: free */
	uint32_t name[MOCK_HANDLES];
	struct {
		uint64_t domains;   /* of the last amdgpu buffer */
		uint32_t placement; /* of the last xe buffer */
		uint64_t i915_mode; /* of the last i915 mapping */
	} last;
	bool discrete; /* i915: refuses every mapping but FIXED */
	struct xe_mem_region regions[2];
	uint32_t regions_size;      /* xe: what the query claims; 0: the truth */
	unsigned long fail_request; /* this ioctl fails ... */
	int fail_error;             /* ... with this (-errno) */
	int open_error;
	unsigned int opened, closed;
	int mmap_offset; /* of the last mmap, pages */
};

void mock_init(struct mock *mock, const char *driver);

/* The fd that the mock gives out, and offset of the mapping of a handle. */
#define MOCK_FD             1000
#define MOCK_OFFSET(handle) ((uint64_t)(handle) << 12)

#endif
