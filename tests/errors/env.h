/* SPDX-License-Identifier: MIT */
/* What the calls of error_paths work on, and the oracle that needs no privilege: free numbers. */
#ifndef ERRORS_ENV_H
#define ERRORS_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/caps.h"
#include "drm/device.h"
#include "drm/file.h"

/** What a call needs; made anew for each try, in this order. */
enum env_thing {
	ENV_BUFFER = 1 << 0,     /* a handle in @file, with a canary in the buffer */
	ENV_NAME = 1 << 1,       /* its flink name */
	ENV_DMABUF = 1 << 2,     /* its dma-buf */
	ENV_NO_HANDLE = 1 << 3,  /* and the handle is closed again */
	ENV_SYNC_FILES = 1 << 4, /* two sync_files, of fences from the dma-buf's reservation */
	ENV_SYNCOBJ = 1 << 5,    /* a signaled syncobj in @file */
	ENV_SYNCOBJ_FD = 1 << 6,
	ENV_MEMFD = 1 << 7,   /* a page that udmabuf takes */
	ENV_FOREIGN = 1 << 8, /* a dma-buf of another exporter: udmabuf, else a heap */
	ENV_FB = 1 << 9,
	ENV_EVENTFD = 1 << 10,
};

struct env {
	const struct drm_device *device;
	struct drm_file file, other;
	struct drm_caps caps;
	int udmabuf, heap; /* open for the whole subtest; -1: not on this kernel */

	uint32_t handle, handle2, name, syncobj, fb;              /* 0: none */
	int dmabuf, sync[2], syncobj_fd, memfd, foreign, eventfd; /* -1: none */
};

/** Opens what lives as long as the subtest, and the files. Asserts. */
void env_init(struct env *env, const struct drm_device *device);
void env_finish(struct env *env);

/** Opens both files, asserts; closes them: what a file held is gone. */
void env_open_files(struct env *env);
void env_close_files(struct env *env);

/** Makes @things (enum env_thing). 0 or -errno; env_drop() in either case. */
int env_make(struct env *env, unsigned int things);
void env_drop(struct env *env);

/** The canary is in the buffer, seen through what leads to it. 0, or -errno; -EIO: it is not. */
int env_canary(const struct env *env);

/**
 * The numbers that come next: handles and syncobjs of either file, an fd. All are given out lowest
 * first, so what a failed call left behind shows as a number that is no longer free.
 */
struct env_numbers {
	uint32_t handle[2], syncobj;
	int fd;
};

int env_numbers(const struct env *env, struct env_numbers *ret_numbers);

/** 0, or -1 with one line in @why. */
int env_numbers_compare(const struct env_numbers *before, const struct env_numbers *after,
			char *why, size_t size);

#endif
