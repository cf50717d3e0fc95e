/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CLOCK_H
#define RUNNER_CLOCK_H

/* Seconds of CLOCK_MONOTONIC: for what takes how long, and until when to wait. */
double now_s(void);

#endif
