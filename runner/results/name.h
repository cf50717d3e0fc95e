/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_NAME_H
#define RUNNER_RESULTS_NAME_H

#include <stdbool.h>

/* What results call a test: "igt@binary@subtest", "igt@binary@subtest@dynamic". */

/* @name without "igt@", for people; the whole of it where it does not start so. */
const char *test_short_name(const char *name);

/* Whether @name is that of a dynamic subtest, and whether it is one of @subtest's. */
bool test_is_dynamic(const char *name);
bool test_is_dynamic_of(const char *name, const char *subtest);

#endif
