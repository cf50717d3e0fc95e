/* SPDX-License-Identifier: MIT */
#ifndef IGT_COLLECT_H
#define IGT_COLLECT_H

#include <stdbool.h>

/* Internal: what the blocks in igt_main do in the collecting pass. */
bool igt_collecting(void);
void igt_collect_add(const char *name, const char *file, int line);

#endif
