/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_REPORT_H
#define RUNNER_PROVE_REPORT_H

#include <jansson.h>

struct diag;

/* Whether each of the files (NULL-terminated, or NULL) is a record of `gemrace prove --json`. */
int report_check(const char *const *files, struct diag *d);

/*
 * Writes a page for people, in Markdown: the runs in @files (as above), then the one in @record,
 * if any.
 * Every figure in it comes from the records. 0 or -errno with @d filled in.
 */
int report_write(const char *path, const char *const *files, json_t *record, struct diag *d);

#endif
