/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_JSON_H
#define RUNNER_REPORT_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Prints --json's document about the run in @root, as docs/command.md describes it. */
void report_json(FILE *f, const json_t *root);

#endif
