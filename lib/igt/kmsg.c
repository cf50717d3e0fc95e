// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "igt/log.h"

/*
 * igt_runner reads the marks back from the same device to cut the kernel log into subtests, so a
 * mark must be one record: one write. The kernel takes up to about 1000 bytes of it, and shows a
 * record that lacks its newline only when the next one comes.
 */
void igt_kmsg(int level, const char *format, ...)
{
	char line[900];
	va_list args;
	int fd, n, m;

	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;

	n = snprintf(line, sizeof(line), "<%d>[IGT] ", level);
	va_start(args, format);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	if (m >= 0) {
		size_t length = (size_t)(n + m);

		if (length > sizeof(line) - 2)
			length = sizeof(line) - 2;
		if (line[length - 1] != '\n')
			line[length++] = '\n';
		if (write(fd, line, length) < 0) {
			/* Not permitted, or a kernel without it: the marks are an extra. */
		}
	}
	close(fd);
}

void igt_kmsg_ignore(const char *regex)
{
	igt_kmsg(6, "add ignored dmesg regex: %s", regex);
}
