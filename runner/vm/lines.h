/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_LINES_H
#define RUNNER_VM_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts what a descriptor delivers into lines. Start with a zeroed struct. */
struct lines {
	char buf[8192];
	size_t n;
};

typedef void (*lines_take)(void *data, char *line);

/*
 * Reads once from @fd and hands over every complete line, without its end; an overlong one in
 * pieces. Returns the number of bytes, 0 at the end of file (after handing over what was left),
 * -errno (-EAGAIN: nothing there).
 */
int lines_read(struct lines *lines, int fd, lines_take take, void *data);

#endif
