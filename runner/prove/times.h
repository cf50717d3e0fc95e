/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_TIMES_H
#define RUNNER_PROVE_TIMES_H

#include <stddef.h>

/* Seconds, for their percentiles. Starts zeroed. */
struct times {
	double *at;
	size_t count;
};

/* Adds one; not if it is < 0, which is not known, and not without memory. */
void times_add(struct times *times, double s);

/* Sorts them: the value that @percent of them do not exceed. < 0 when there is none. */
double times_percentile(struct times *times, int percent);

void times_finish(struct times *times);

/* @s in at least two digits that mean something, "?" when it is not known (< 0). */
void times_text(char *buf, size_t size, double s);

#endif
