/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_FOLDER_H
#define RUNNER_RESULTS_FOLDER_H

#include <stdbool.h>

struct diag;

/*
 * Which test an igt_runner folder shows as started but not ended: the last job whose journal lacks
 * its exit line. Writes "igt@binary@subtest", in lower case as results.json has it, to @name of
 * @size bytes. False when there is none: nothing was started, or the guest died between two tests.
 */
bool folder_running(const char *dir, char *name, int size);

/* Whether @dir holds enough for igt_resume to go on from: at least one job was started. */
bool folder_can_resume(const char *dir);

/*
 * Makes DIR fit for a new run's results. An existing folder is refused unless it is empty, or
 * @overwrite and it holds results of gemrace (those are removed). GEMRACE_USAGE when refused.
 */
int folder_prepare(const char *dir, bool overwrite, struct diag *d);

/* Removes a folder and all in it, crossing no mount. 0 or -errno. */
int folder_remove(const char *dir);

#endif
