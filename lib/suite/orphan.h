/* SPDX-License-Identifier: MIT */
#ifndef SUITE_ORPHAN_H
#define SUITE_ORPHAN_H

#include <stdbool.h>
#include <stdint.h>

#include "drm/file.h"
#include "suite/unload.h"

/** struct orphan - a fence whose module is to go, and what holds it meanwhile */
struct orphan {
	struct unload unload;
	int64_t made_ms;       /**< CLOCK_MONOTONIC, when the fence was made */
	int fd;                /**< a sync_file with it, or -1 */
	int parked;            /**< another exporter's dma-buf, or -1 */
	struct drm_file other; /**< another driver's file, for a sync object */
	uint32_t syncobj;      /**< has the fence; a handle of @other */
};

#define ORPHAN_INIT                                                                                \
	{                                                                                          \
		.fd = -1, .parked = -1, .other = DRM_FILE_CLOSED                                   \
	}

/** Something to do with the fence once its module has gone; asserts what has to come of it. */
struct orphan_step {
	const char *what;
	void (*run)(struct orphan *orphan);
	/**
	 * In a process of its own: a process that dies in a call closes its files as it goes, and a
	 * second oops there would leave it stuck, with nobody to tell of the first.
	 */
	bool apart;
};

extern const struct orphan_step orphan_info;     /* SYNC_IOC_FILE_INFO: names and status */
extern const struct orphan_step orphan_poll;     /* it is signaled */
extern const struct orphan_step orphan_merge;    /* with itself */
extern const struct orphan_step orphan_deadline; /* SYNC_IOC_SET_DEADLINE */
extern const struct orphan_step orphan_import;   /* to the parked dma-buf's reservation */
extern const struct orphan_step orphan_export;   /* from there */
extern const struct orphan_step orphan_bufinfo;  /* debugfs dma_buf/bufinfo */
extern const struct orphan_step orphan_syncobj;  /* the sync object's fence becomes the sync_file */
extern const struct orphan_step orphan_timer;    /* waits until vgem's timer is past */
extern const struct orphan_step orphan_close;    /* everything that holds it */

/** Notes the time at which the fence is made. */
void orphan_made(struct orphan *orphan);

/** Runs a step. What comes is said in the kernel log first: it tells of which step it died. */
void orphan_step(struct orphan *orphan, const struct orphan_step *step);

/**
 * Unloads the module under the fence. False when the kernel keeps it for the fence: then that is
 * checked, everything closed, the module unloaded, and there is nothing left to do.
 */
bool orphan_take_module(struct orphan *orphan);

void orphan_finish(struct orphan *orphan);

#endif
