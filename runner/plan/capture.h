/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PLAN_CAPTURE_H
#define RUNNER_PLAN_CAPTURE_H

/*
 * Runs argv[0] (a path, or a name looked up in PATH) and returns its stdout in *@ret_text (caller
 * frees) and its exit status as from a shell (128+signal) in *@ret_status. stdin and stderr are
 * /dev/null. -ETIMEDOUT after @timeout_s seconds, with the child killed; -errno otherwise.
 */
int capture(const char *const *argv, int timeout_s, char **ret_text, int *ret_status);

#endif
