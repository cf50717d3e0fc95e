/* SPDX-License-Identifier: MIT */
#ifndef IGT_RING_H
#define IGT_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define IGT_RING_LINES      256 /* as many as IGT keeps */
#define IGT_RING_LINE_BYTES 256

/*
 * The last log lines, in memory that all processes of a test share. Writers claim a slot with one
 * atomic add, so threads, forked children and signal handlers all may write, and the parent can
 * dump what a killed child said last. A reader may see a line half overwritten when more than
 * IGT_RING_LINES writers are at it at once; that costs one garbled debug line and no more.
 */
struct igt_ring {
	_Atomic unsigned int next;
	char lines[IGT_RING_LINES][IGT_RING_LINE_BYTES];
};

void igt_ring_reset(struct igt_ring *ring);
bool igt_ring_empty(const struct igt_ring *ring);
/* Longer lines are cut. Async-signal-safe. */
void igt_ring_add(struct igt_ring *ring, const char *line, size_t length);
/* Calls @emit for each line, oldest first. Async-signal-safe if @emit is. */
void igt_ring_each(const struct igt_ring *ring, void (*emit)(const char *line, size_t length));

#endif
