/* SPDX-License-Identifier: MIT */
#ifndef IGT_COLLECT_H
#define IGT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>

/* Internal: what the blocks in igt_main do in the collecting pass. */
bool igt_collecting(void);
/* A group begins, and returns its index, to be handed in when it ends. */
size_t igt_collect_group_begin(void);
void igt_collect_group_end(size_t index);
void igt_collect_add(const char *name, const char *file, int line);

#endif
