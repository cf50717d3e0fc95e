/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_REASON_H
#define RUNNER_RESULTS_REASON_H

#include <jansson.h>

#define REASON_MAX 200

/*
 * One line that says why @test ended as it did, for people: gemrace's own "reason" if there is one,
 * else the failed assertion, requirement or kernel message found in what igt_runner recorded. NULL
 * when nothing there tells. The line is in @buf.
 */
const char *reason_of(const json_t *test, char buf[static REASON_MAX]);

#endif
