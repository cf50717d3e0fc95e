/* SPDX-License-Identifier: MIT */
/*
 * Histograms of trace events, as the file events/GROUP/EVENT/hist shows them.
 */
#ifndef ORACLE_HIST_H
#define ORACLE_HIST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "oracle/text.h"

#define HIST_FRAMES 8

/** struct hist_entry - one bucket. */
struct hist_entry {
	uint64_t key;  /* of the field "obj", else 0 */
	pid_t pid;     /* of the field common_pid, else 0 */
	char comm[16]; /* of common_pid.execname, else empty */
	uint64_t hits;
	uint64_t last; /* of onmax(): the greatest value, here the time of the last hit; else 0 */
	char frames[HIST_FRAMES][64]; /* of the key stacktrace, innermost first */
	unsigned int nr_frames;
};

struct hist {
	struct hist_entry *entries;
	size_t nr, size;
	uint64_t hits;        /* all events, also those that found no bucket */
	uint64_t dropped;     /* ... those */
	unsigned int refused; /* lines of an unknown shape */
};

/**
 * hist_parse() - reads a histogram keyed by any of obj, common_pid (also as execname), common_type
 * and stacktrace, with or without an onmax() action.
 * @hist: zero at first; the buckets of several histograms may be gathered in one. hist_finish()
 *
 * See Documentation/trace/histogram.rst. Text that was cut off counts as refused: the totals at
 * its end are missing. Returns 0 or -ENOMEM.
 */
int hist_parse(struct text text, struct hist *hist);
void hist_finish(struct hist *hist);

#endif
