// SPDX-License-Identifier: MIT
#include "igt/assert.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "igt/child.h"
#include "igt/state.h"
#include "igt/subtest.h"

void igt_end(enum igt_result result, int sig, const char *reason)
{
	if (!igt_is_main_thread()) {
		igt_outcome_set(&igt_state.threads, result, sig, reason);
		pthread_exit(NULL);
	}
	if (igt_state.role == IGT_CHILD) {
		igt_outcome_set(&igt_state.shared->children, result, sig, reason);
		igt_leave(igt_result_exit_code(result, sig));
	}
	igt_end_body(result, sig, reason);
}

/* The report of a failed check, and its one-line form for the result. */
struct report {
	char detail[IGT_REASON_MAX];
	char reason[IGT_REASON_MAX];
};

static void fill(struct report *report, const struct igt_site *site, const char *condition,
		 const char *detail, va_list args) __attribute__((format(printf, 4, 0)));

static void fill(struct report *report, const struct igt_site *site, const char *condition,
		 const char *detail, va_list args)
{
	size_t end;

	report->detail[0] = '\0';
	if (detail)
		vsnprintf(report->detail, sizeof(report->detail), detail, args);
	end = strlen(report->detail);
	while (end && report->detail[end - 1] == '\n')
		report->detail[--end] = '\0';

	snprintf(report->reason, sizeof(report->reason), "%s:%d: %s%s%s", site->file, site->line,
		 condition ?: "", condition && end ? ": " : "", report->detail);
}

static void say(enum igt_log_level level, const char *title, const char *check,
		const struct igt_site *site, const char *condition, const struct report *report,
		int error)
{
	char text[3 * IGT_REASON_MAX];
	size_t n = 0;

#define ADD(...)                                                                                   \
	do {                                                                                       \
		if (n < sizeof(text))                                                              \
			n += (size_t)snprintf(text + n, sizeof(text) - n, __VA_ARGS__);            \
	} while (0)
	ADD("%s in %s, %s:%d:\n", title, site->func, site->file, site->line);
	if (condition)
		ADD("%s: %s\n", check, condition);
	if (condition && error)
		ADD("Last errno: %d, %s\n", error, strerror(error));
	if (report->detail[0])
		ADD("%s\n", report->detail);
#undef ADD
	igt_log(NULL, level, "%s", text);
}

void igt_fail_site(const struct igt_site *site, const char *condition, const char *detail, ...)
{
	struct report report;
	int error = errno;
	va_list args;

	va_start(args, detail);
	fill(&report, site, condition, detail, args);
	va_end(args);
	say(IGT_LOG_CRITICAL, "Test assertion failure", "Failed assertion", site, condition,
	    &report, error);
	igt_debug_wait_for_keypress("failure");
	igt_end(IGT_RESULT_FAIL, 0, report.reason);
}

void igt_skip_site(const struct igt_site *site, const char *condition, const char *detail, ...)
{
	struct report report;
	int error = errno;
	va_list args;

	va_start(args, detail);
	fill(&report, site, condition, detail, args);
	va_end(args);
	say(IGT_LOG_INFO, "Test requirement not met", "Test requirement", site, condition, &report,
	    error);
	igt_end(IGT_RESULT_SKIP, 0, report.reason);
}

void igt_abort_site(const struct igt_site *site, const char *condition, const char *detail, ...)
{
	struct report report;
	int error = errno;
	va_list args;

	va_start(args, detail);
	fill(&report, site, condition, detail, args);
	va_end(args);
	say(IGT_LOG_CRITICAL, "Test abort", "Abort condition", site, condition, &report, error);
	igt_end(IGT_RESULT_ABORT, 0, report.reason);
}

void igt_success(void)
{
	igt_end(IGT_RESULT_SUCCESS, 0, "");
}

bool igt_thread_failed(void)
{
	return atomic_load_explicit(&igt_state.threads.any, memory_order_relaxed);
}

void igt_thread_check(void)
{
	enum igt_result result = igt_outcome_get(&igt_state.threads);

	if (result != IGT_RESULT_NONE && igt_is_main_thread())
		igt_end(result, igt_outcome_sig(&igt_state.threads),
			igt_outcome_reason(&igt_state.threads));
}
