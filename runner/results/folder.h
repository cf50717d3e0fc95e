/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_FOLDER_H
#define RUNNER_RESULTS_FOLDER_H

#include <stdbool.h>

struct diag;

/*
 * The last test that an igt_runner folder shows as started, ended or not. Writes
 * "igt@binary@subtest", in lower case as results.json has it, to @name of @size bytes. False when
 * nothing was started.
 */
bool igt_folder_last(const char *dir, char *name, int size);

/*
 * Renames the last job's record of igt_runner's socket, which a dying guest may have left cut off
 * in the middle of a packet: igt_results then reads the job's text instead of giving up on all of
 * them. Whether there was one.
 */
bool igt_folder_set_comms_aside(const char *dir);

/*
 * Whether DIR may take a new run's results: it does not exist, is empty, or (with @overwrite) holds
 * an earlier run's. Else GEMRACE_USAGE: what gemrace did not write it does not remove.
 */
int results_folder_check(const char *dir, bool overwrite, struct diag *d);

/*
 * Checks, removes an earlier run's results from DIR and creates it if it is missing. Returns a
 * descriptor that keeps other gemraces out of DIR while it is open, or -errno: one that DIR is in
 * use by is GEMRACE_USAGE.
 */
int results_folder_prepare(const char *dir, bool overwrite, struct diag *d);

/* Removes a folder and all in it, crossing no mount. 0 or -errno. */
int results_folder_remove(const char *dir);

#endif
