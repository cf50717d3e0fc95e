/* SPDX-License-Identifier: MIT */
#ifndef IGT_ATTACHMENT_H
#define IGT_ATTACHMENT_H

#include <stdio.h>

/**
 * igt_attachment_open - open a file to leave beside the results
 *
 * In IGT_RUNNER_ATTACHMENTS_DIR, which igt_runner gives each binary, else in GEMRACE_ATTACHMENTS.
 * The file is BINARY[@SUBTEST[@DYNAMIC]].NAME; an existing one is replaced. @name: letters, digits
 * and "._-" only.
 *
 * Returns a stream the caller closes, or NULL with errno set: ENOENT when neither variable is set.
 */
FILE *igt_attachment_open(const char *name);

#endif
