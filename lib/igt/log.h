/* SPDX-License-Identifier: MIT */
#ifndef IGT_LOG_H
#define IGT_LOG_H

#include <stdarg.h>
#include <stdbool.h>

enum igt_log_level {
	IGT_LOG_DEBUG,
	IGT_LOG_INFO,
	IGT_LOG_WARN,
	IGT_LOG_CRITICAL,
	IGT_LOG_NONE,
};

/* Test files may define their own; `--debug=DOMAIN` shows the debug lines of one domain only. */
#ifndef IGT_LOG_DOMAIN
#define IGT_LOG_DOMAIN ((const char *)0)
#endif

/**
 * igt_log - say one line
 *
 * Debug and info go to stdout, warnings and worse to stderr, where igt_runner turns a pass into
 * "warn". What IGT_LOG_LEVEL (debug, info, warn, critical, none; default info) hides is still kept
 * in a ring of recent lines, which a failure dumps. Each call is one write, so lines of racing
 * threads and children never mix. Safe from any thread and any forked child.
 */
void igt_log(const char *domain, enum igt_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void igt_vlog(const char *domain, enum igt_log_level level, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#define igt_debug(...)    igt_log(IGT_LOG_DOMAIN, IGT_LOG_DEBUG, __VA_ARGS__)
#define igt_info(...)     igt_log(IGT_LOG_DOMAIN, IGT_LOG_INFO, __VA_ARGS__)
#define igt_warn(...)     igt_log(IGT_LOG_DOMAIN, IGT_LOG_WARN, __VA_ARGS__)
#define igt_critical(...) igt_log(IGT_LOG_DOMAIN, IGT_LOG_CRITICAL, __VA_ARGS__)

#define igt_warn_on(condition)                                                                     \
	({                                                                                         \
		bool igt_warned_ = (condition);                                                    \
		if (igt_warned_)                                                                   \
			igt_warn("Warning on condition %s in %s, %s:%d\n", #condition, __func__,   \
				 __FILE__, __LINE__);                                              \
		igt_warned_;                                                                       \
	})

/**
 * igt_kmsg - put one line into the kernel log
 *
 * @level: kernel log level, 6 for information, 4 for a warning (which igt_runner counts against
 * the test). Written to /dev/kmsg in one write, as `[IGT] TEXT`. Silently nothing where that is
 * not permitted.
 */
void igt_kmsg(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Have igt_runner ignore kernel lines that match @regex, up to the next (dynamic) subtest. */
void igt_kmsg_ignore(const char *regex);

#endif
