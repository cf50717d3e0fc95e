/* SPDX-License-Identifier: MIT */
#ifndef IGT_OUTPUT_H
#define IGT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "igt/result.h"

/*
 * Where the contract's lines go: stdout and stderr, or igt_runner's socket when it gives us one.
 * With a socket the runner composes the marker lines itself, so nothing goes to the streams.
 */
void igt_output_init(void);
/* Did igt_runner start us? It gives a socket, or asks for markers on stderr. */
bool igt_output_to_runner(void);

/* One write, or one packet per line. Async-signal-safe. @stream: STDOUT_FILENO, STDERR_FILENO. */
void igt_output_write(int stream, const char *text, size_t length);
void igt_output_puts(int stream, const char *text);

/* "IGT-Version: ..." */
void igt_output_version(const char *line);
/* "Starting [dynamic ]subtest: NAME" */
void igt_output_start(bool dynamic, const char *name);
/* "[Dynamic s|S]ubtest NAME: WORD (0.003s)". Async-signal-safe. */
void igt_output_result(bool dynamic, const char *name, enum igt_result result, double seconds,
		       const char *reason);

/* Text pieces for signal handlers: each appends to @buf and returns the new length. */
size_t igt_text_add(char *buf, size_t size, size_t at, const char *text);
size_t igt_text_add_number(char *buf, size_t size, size_t at, unsigned long value, int digits);

#endif
