/* SPDX-License-Identifier: MIT */
#ifndef SUITE_MEMORY_H
#define SUITE_MEMORY_H

/**
 * Has kmemleak asked after every subtest from here on, in the process that reports it: memory that
 * the subtest's processes allocated and nothing points to any more fails it, a line for each place
 * it was allocated at. What was allocated before the subtest began fails it as well if a process of
 * this name did it, and the line says so: an earlier subtest's, since lost. Other tasks' memory is
 * told and fails nothing.
 *
 * Costs each subtest six seconds (what is younger kmemleak does not report) and two scans of all
 * memory. Call it once, from a fixture; says so where the kernel has no kmemleak.
 */
void suite_memory_install(void);

#endif
