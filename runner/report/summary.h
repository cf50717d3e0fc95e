/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_SUMMARY_H
#define RUNNER_REPORT_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

/*
 * Prints what a person wants to know at the end of a run: a table per binary, each test that is not
 * a pass with its reason, where it ran and what was watching, and last one line with the outcome.
 * @root: a results document whose "gemrace" object is complete (docs/command.md).
 */
void report_summary(FILE *f, const json_t *root);

#endif
