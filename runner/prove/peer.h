/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_PEER_H
#define RUNNER_PROVE_PEER_H

#include "kernel/kernel.h"

struct diag;

/*
 * Makes the folder of the peer's tests: IGT's own binaries from its packages, each behind a script
 * that runs it with @preload (the path of bench/igt-baseline's library), and their test-list.txt.
 * *@ret lies in the cache; the caller frees the string. GEMRACE_HARNESS when they cannot be
 * fetched.
 */
int peer_prepare(const char *cache, const char *preload, const struct notifier *notifier,
		 char **ret, struct diag *d);

/*
 * Which of them make sense with @devices (NULL-terminated), as patterns; NULL: all. Without a
 * driver that has sync objects, two hundred subtests would each say so.
 */
char *const *peer_tests(char *const *devices);

#endif
