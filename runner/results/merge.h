/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_MERGE_H
#define RUNNER_RESULTS_MERGE_H

#include <jansson.h>
#include <stdbool.h>

struct plan;

/*
 * Adds the tests of @from, one igt_runner results.json, to @into and marks them with @vm (0: no
 * VM). What an earlier document says of a test stays; only "notrun" gives way; VM 2's
 * igt@runner@aborted becomes igt@runner@aborted-vm-2, and so on. @resumed: @from is
 * igt_resume's and covers what @into already holds, so that its run times replace rather than add.
 */
void results_merge(json_t *into, const json_t *from, int vm, bool resumed);

/*
 * Notes what is known of a test beyond igt_runner's account: adds an entry if there is none. @word
 * (NULL: leave it) replaces its result, @reason its one-line reason; @splat (may be NULL) is
 * kept under that name and put behind its kernel log. Dynamic subtests of @name that are incomplete
 * get the same.
 */
void results_annotate(json_t *root, const char *name, const char *word, const char *reason,
		      const char *splat, int vm);

/* Sets "cut_off" on @name: how it ended is the run's fault, not the kernel's. */
void results_cut_off(json_t *root, const char *name);

/* Whether @name, or a dynamic subtest of it, has a result other than notrun. */
bool results_has_run(const json_t *root, const char *name);

/* Gives each test of @plan that nothing is known about the result "notrun". Returns how many. */
int results_add_missing(json_t *root, const struct plan *plan);

/* Computes "totals" from the tests, as igt_runner does: all, and per binary. */
void results_total(json_t *root);

/*
 * The same without dynamic subtests, which are parts of one already counted, and with what is known
 * under RESULTS_KNOWN rather than its result; a new object.
 */
#define RESULTS_KNOWN "known"
json_t *results_count_subtests(const json_t *root);

#endif
