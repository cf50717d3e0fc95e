/* SPDX-License-Identifier: MIT */
#ifndef SUITE_CONTENTS_H
#define SUITE_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drm/file.h"

/*
 * What is written through one way to a buffer must be read through every other. The words differ
 * for each place and each stage, so that neither an old page nor a wrong one passes.
 */

/** Fills @size bytes with the words of @stage. */
void contents_fill(void *ptr, size_t size, uint8_t stage);

/** The first byte that differs, or @size when none does. */
size_t contents_differ(const void *ptr, size_t size, uint8_t stage);

/** Asserts that none does; @way: how the buffer was come to, for the report. */
void contents_check(const void *ptr, size_t size, uint8_t stage, const char *way);

/** Through a mapping of a handle. */
void contents_write_handle(const struct drm_file *file, uint32_t handle, size_t size,
			   uint8_t stage);
void contents_check_handle(const struct drm_file *file, uint32_t handle, size_t size, uint8_t stage,
			   const char *way);

/** Through a mapping of the dma-buf, which not every exporter offers: false then, with a remark. */
bool contents_check_dmabuf(const struct drm_io *io, int fd, size_t size, uint8_t stage);

#endif
