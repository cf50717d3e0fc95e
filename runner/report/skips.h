/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_SKIPS_H
#define RUNNER_REPORT_SKIPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Skips are told by their reason: what a kernel or a device lacks takes dozens of subtests with
 * it, and one line a subtest would bury the rest of the report.
 */

/* An empty collection, to be released with json_decref(). Returns NULL without memory. */
json_t *skips_new(void);

/* Adds a skipped test. @name: without "igt@", as "binary@subtest[@dynamic]". */
void skips_add(json_t *skips, const char *name, const char *reason);

/*
 * Whether another test was skipped for the same reason: such a one is left to skips_print(), the
 * others want a place of their own in the report.
 */
bool skips_shared(const json_t *skips, const char *reason);

/*
 * Prints each reason that several tests have, how many they are and the first of them.
 * @indent: columns of the label in front.
 */
void skips_print(FILE *f, json_t *skips, int indent, bool colour);

#endif
