// SPDX-License-Identifier: MIT
#include "igt/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "igt/output.h"
#include "igt/state.h"

#define LINE_MAX_BYTES 4096

static const char *const level_names[] = {
	[IGT_LOG_DEBUG] = "DEBUG",
	[IGT_LOG_INFO] = "INFO",
	[IGT_LOG_WARN] = "WARNING",
	[IGT_LOG_CRITICAL] = "CRITICAL",
};

static enum igt_log_level shown_level = IGT_LOG_INFO;

int igt_log_init(void)
{
	static const struct {
		const char *name;
		enum igt_log_level level;
	} names[] = {
		{ "debug", IGT_LOG_DEBUG }, { "info", IGT_LOG_INFO },
		{ "warn", IGT_LOG_WARN },   { "critical", IGT_LOG_CRITICAL },
		{ "none", IGT_LOG_NONE },
	};
	const char *wanted = getenv("IGT_LOG_LEVEL");

	if (!wanted || !*wanted)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcasecmp(wanted, names[i].name)) {
			shown_level = names[i].level;
			return 0;
		}
	}
	return -EINVAL;
}

static bool shown(const char *domain, enum igt_log_level level)
{
	const char *wanted = igt_state.options.debug_domain;

	if (level >= shown_level)
		return true;
	/* --debug lifts the debug lines of its domain over IGT_LOG_LEVEL's default. */
	return level == IGT_LOG_DEBUG && wanted &&
	       (!*wanted || (domain && !strcmp(wanted, domain)));
}

static void remember(const char *line, size_t length)
{
	while (length) {
		const char *newline = memchr(line, '\n', length);
		size_t part = newline ? (size_t)(newline - line) + 1 : length;

		igt_ring_add(&igt_state.shared->ring, line, part);
		line += part;
		length -= part;
	}
}

void igt_vlog(const char *domain, enum igt_log_level level, const char *format, va_list args)
{
	char line[LINE_MAX_BYTES];
	size_t prefix, length;
	int saved = errno, n;

	n = snprintf(line, sizeof(line), "(%s:%d) %s%s%s: ", igt_state.test ?: "?", (int)getpid(),
		     domain ?: "", domain ? "-" : "", level_names[level]);
	prefix = n > 0 && (size_t)n < sizeof(line) ? (size_t)n : 0;
	errno = saved; /* the caller's %m */
	n = vsnprintf(line + prefix, sizeof(line) - prefix, format, args);
	if (n < 0)
		n = 0;
	length = prefix + (size_t)n;
	if (length > sizeof(line) - 1) {
		length = sizeof(line) - 1;
		line[length - 1] = '\n';
	}

	if (igt_state.shared)
		remember(line, length);
	/* Plain information is for the reader; the rest says who spoke and how loud. */
	if (shown(domain, level)) {
		size_t from = level == IGT_LOG_INFO ? prefix : 0;

		igt_output_write(level >= IGT_LOG_WARN ? STDERR_FILENO : STDOUT_FILENO, line + from,
				 length - from);
	}
	errno = saved;
}

void igt_log(const char *domain, enum igt_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	igt_vlog(domain, level, format, args);
	va_end(args);
}

static void emit(const char *line, size_t length)
{
	igt_output_write(STDERR_FILENO, line, length);
}

void igt_log_dump(const char *kind, const char *name)
{
	char line[IGT_NAME_MAX + 32];
	size_t n = 0;

	n = igt_text_add(line, sizeof(line), n, kind);
	n = igt_text_add(line, sizeof(line), n, " ");
	n = igt_text_add(line, sizeof(line), n, name);
	n = igt_text_add(line, sizeof(line), n, " failed.\n");
	igt_output_write(STDERR_FILENO, line, n);
	/* What a dynamic subtest said was dumped at its own end. */
	if (igt_ring_empty(&igt_state.shared->ring))
		return;
	igt_output_puts(STDERR_FILENO, "**** DEBUG ****\n");
	igt_ring_each(&igt_state.shared->ring, emit);
	igt_output_puts(STDERR_FILENO, "****  END  ****\n");
	igt_ring_reset(&igt_state.shared->ring);
}
