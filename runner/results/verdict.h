/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_VERDICT_H
#define RUNNER_RESULTS_VERDICT_H

#include "diag.h"

#include <jansson.h>
#include <stdbool.h>

/* What igt_runner says of a test, from best to worst. */
enum verdict {
	VERDICT_PASS,
	VERDICT_SKIP,
	VERDICT_NOTRUN,
	VERDICT_WARN,
	VERDICT_DMESG_WARN,
	VERDICT_FAIL,
	VERDICT_DMESG_FAIL,
	VERDICT_CRASH,
	VERDICT_TIMEOUT,
	VERDICT_ABORT,
	VERDICT_INCOMPLETE,
	VERDICT_COUNT
};

/* igt_runner's word for it: "dmesg-warn". */
const char *verdict_word(enum verdict v);

/* A word igt_runner does not use counts as incomplete: never as a success. */
enum verdict verdict_of(const json_t *test);

/* The kernel misbehaved (or the test did, which somebody must look at as well). */
bool verdict_is_defect(enum verdict v);

/*
 * The exit status of a run: a defect beats a harness that failed, that beats too little having run:
 * a test that was not run, one that was underpowered, or none that did anything but skip. What is
 * known is no defect.
 */
enum gemrace_exit verdict_of_run(const json_t *root);

/* A test cut off through no fault of its own: "cut_off" is set. It makes the run inconclusive. */
bool test_is_cut_off(const json_t *test);
bool test_is_underpowered(const json_t *test);

/* The ids of the known defects that explain all of @test (docs/known.md), NULL: it is not known. */
const char *test_known(const json_t *test);

#endif
