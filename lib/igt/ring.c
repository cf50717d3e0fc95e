// SPDX-License-Identifier: MIT
#include "igt/ring.h"

#include <string.h>

void igt_ring_reset(struct igt_ring *ring)
{
	atomic_store(&ring->next, 0);
}

bool igt_ring_empty(const struct igt_ring *ring)
{
	return !atomic_load(&ring->next);
}

void igt_ring_add(struct igt_ring *ring, const char *line, size_t length)
{
	unsigned int slot = atomic_fetch_add(&ring->next, 1) % IGT_RING_LINES;
	char *to = ring->lines[slot];

	if (length > IGT_RING_LINE_BYTES - 2)
		length = IGT_RING_LINE_BYTES - 2;
	memcpy(to, line, length);
	if (!length || to[length - 1] != '\n')
		to[length++] = '\n';
	to[length] = '\0';
}

void igt_ring_each(const struct igt_ring *ring, void (*emit)(const char *line, size_t length))
{
	unsigned int end = atomic_load(&ring->next);
	unsigned int begin = end > IGT_RING_LINES ? end - IGT_RING_LINES : 0;

	for (unsigned int i = begin; i != end; i++) {
		const char *line = ring->lines[i % IGT_RING_LINES];

		emit(line, strnlen(line, IGT_RING_LINE_BYTES));
	}
}
