/* SPDX-License-Identifier: MIT */
#ifndef SUITE_FENCES_H
#define SUITE_FENCES_H

#include <stdint.h>

#include "drm/file.h"
#include "suite/suite.h"

struct census;

#define FENCES_MAX 2

/**
 * struct fences - fences to signal by hand, attempt after attempt
 *
 * Embed it as the first member of a scenario's context. vgem's are each in the reservation of a
 * buffer of their own as well; sw_sync's are points of one timeline, to be signaled in order.
 */
struct fences {
	const struct fence_source *source;
	int fd[FENCES_MAX];     /**< a sync_file for each, or -1 */
	int dmabuf[FENCES_MAX]; /**< vgem: with the fence in its reservation; else -1 */
	struct drm_file file;   /**< vgem's */
	uint32_t buffer[FENCES_MAX];
	uint32_t id[FENCES_MAX]; /**< vgem: for signaling; 0: none */
	int timeline;            /**< sw_sync's, or -1 */
	uint32_t counter, due;   /**< where it stands, and the last point made */
};

struct fence_source {
	const char *name;   /**< of the dynamic subtest */
	const char *driver; /**< as SYNC_IOC_FILE_INFO tells it */
	void (*init)(struct fences *fences, const struct suite *suite);
	int (*add)(struct fences *fences, unsigned int which);
	int (*signal)(struct fences *fences, unsigned int which);
	void (*signal_rest)(struct fences *fences);
};

/** vgem's, and debugfs's; ends with NULL. */
extern const struct fence_source *const fence_sources[];
extern const struct fence_source fence_source_vgem;

/** Skips where there are none. */
void fences_init(struct fences *fences, const struct fence_source *source,
		 const struct suite *suite);
void fences_finish(struct fences *fences);

/** Makes fence @which with its sync_file. 0, or -errno with nothing left behind. */
int fences_new(struct fences *fences, unsigned int which);

/** Signals it. 0 or -errno; vgem: -ENOENT the second time. */
int fences_signal(struct fences *fences, unsigned int which);

/** Starts to count fences, everybody's. Skips where they cannot be counted. */
struct census *fences_count(void);

/**
 * Ends it. How many of the fences made since live on, after a bounded wait for those that die late;
 * asserts that at least @made were.
 */
int64_t fences_left(struct census *census, uint64_t made);

/** Signals what is left and closes the sync_files: the end of an attempt. */
void fences_end(struct fences *fences);

#endif
