/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROFILE_H
#define RUNNER_PROFILE_H

#include <stddef.h>

/* How long each race runs: "quick", "full", "soak". */
#define PROFILE_COUNT 3

/* The place of a profile among them, from 0; PROFILE_COUNT for another word. */
size_t profile_rank(const char *profile);

#endif
