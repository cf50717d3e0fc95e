/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CROSS_WALK_H
#define SUITE_CROSS_WALK_H

#include "suite/cross.h"
#include "suite/walk.h"

#define CROSS_FILES (1 + CROSS_IMPORTERS) /* the exporter's first: x, i, j */
#define CROSS_FDS   2

/**
 * struct cross_walk - one buffer of the exporter, its dma-buf, and what two files of the importer
 * and the exporter's own do with it
 *
 * Each file that imports a foreign dma-buf makes an object of its own. After each step the model
 * says which handle was returned, which inode, and how many references the dma-buf has: one for
 * each fd; the exporting object's link and cache entry while it has a handle; and for each
 * importing object its attachment, its link and its cache entry. When no fd and no handle is left,
 * the dma-buf must be gone, even though the drm files are open.
 */
struct cross_walk {
	struct cross *cross;
	unsigned int exports; /**< fds that a walk starts with; then file i has imported, too */
	bool only_closing;    /**< the walk has no other steps */

	/* the model */
	bool open[CROSS_FILES];
	uint32_t handle[CROSS_FILES]; /* 0: none */
	bool cached;                  /* the exporter's file knows the dma-buf by its handle */
	unsigned int fds;
	int fd[CROSS_FDS];
	uint64_t inode;
	bool unseen; /**< result: debugfs does not tell which dma-bufs there are */
};

/** To be walked with suite/walk.h. */
struct walk_subject cross_walk_subject(struct cross_walk *walk);

#endif
