/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ORACLE_ATTEMPTS_H
#define BENCH_ORACLE_ATTEMPTS_H

/*
 * What the counters take from a race: PRIME_HANDLE_TO_FD against GEM_CLOSE of a buffer that each
 * attempt makes anew, with and without counters in turns. Prints attempts a second, the median of
 * the rounds, and how far rounds without counters differ among themselves. 0 or -errno.
 */
int bench_attempts(const char *card);

#endif
