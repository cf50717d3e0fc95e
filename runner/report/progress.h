/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_PROGRESS_H
#define RUNNER_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Follows a run through what igt_runner prints with --log-level verbose and shows one line per
 * test as it ends; on a terminal also the one that runs. Only for the eye: what counts is in
 * results.json, where the kernel log may still turn a pass into dmesg-warn.
 */
struct progress {
	FILE *f;
	bool terminal;
	int total, done;
	char job[512]; /* binary@subtest that runs, "" between two */
	bool reported; /* a result of job was seen, timed_out: igt_runner gave up on it */
	bool timed_out;
	bool line_open;         /* the terminal's last line shows what runs */
	double start_s;         /* CLOCK_MONOTONIC when the job was announced */
	double first_s;         /* ... when the first subtest started, 0 before */
	struct progress *whole; /* the run's own, when this follows one of several at once */
};

/* @total: tests planned. */
void progress_init(struct progress *p, FILE *f, int total);

/* For one igt_runner of several that run at once; counts and prints with @whole. */
void progress_init_beside(struct progress *p, struct progress *whole);

/* A line that igt_runner printed, without the newline. */
void progress_line(struct progress *p, const char *line);

/* The running subtest has ended, with the word that its binary prints: "SUCCESS". */
void progress_result(struct progress *p, const char *printed);

/* A subtest has started: the first one's time is kept. */
void progress_started(struct progress *p);

/* What ran is over without a result of its own: @word says how ("panic"). Nothing if none runs. */
void progress_lost(struct progress *p, const char *word);

/* A line of its own, not about one test. */
void progress_note(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
