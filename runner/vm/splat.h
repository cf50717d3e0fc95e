/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_SPLAT_H
#define RUNNER_VM_SPLAT_H

#include <stdbool.h>
#include <stddef.h>

#define SPLAT_LINES 160
#define SPLAT_TAIL  30

/*
 * Watches a serial console for the kernel's reports. Keeps the first report with what follows it,
 * and the last lines in any case. Start with a zeroed struct.
 */
struct splat {
	char *first[SPLAT_LINES]; /* from the first report's title on */
	size_t first_count;
	char *tail[SPLAT_TAIL]; /* ring */
	size_t tail_count;      /* lines ever put there */
	bool report;            /* the kernel complained: oops, BUG, KASAN, hung task */
	bool panic;             /* "Kernel panic" */
};

void splat_line(struct splat *splat, const char *line);

/* The report if there is one, else the last lines; the caller frees it. NULL: nothing was printed. */
char *splat_excerpt(const struct splat *splat);

void splat_finish(struct splat *splat);

/* Whether @line (with or without a time stamp) is the title of a kernel report. */
bool splat_is_title(const char *line);

#endif
