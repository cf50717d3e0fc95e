/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/kernel/tainted: what happened to this kernel since it booted, in one number.
 */
#ifndef ORACLE_TAINT_H
#define ORACLE_TAINT_H

#include <stdint.h>

/**
 * TAINT_FATAL - after one of these no result of a later test can be trusted.
 *
 * Machine check (4), bad page (5), died (7), warned (9): the bits that igt_runner aborts on. A
 * WARN leaves locks and counts in a state that nobody tested.
 */
#define TAINT_FATAL (1u << 4 | 1u << 5 | 1u << 7 | 1u << 9)

/** taint_read() - 0, or -errno. @root: prefix of /proc, NULL for the running system. */
int taint_read(const char *root, uint64_t *ret);

/** taint_fatal() - what the running kernel has of TAINT_FATAL; 0 if it does not tell. */
uint64_t taint_fatal(void);

/** taint_letters() - "G W O" and the like, as the kernel prints them; empty for none. */
void taint_letters(uint64_t taint, char buf[64]);

#endif
