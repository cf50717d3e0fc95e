// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/hooks.h"
#include "igt/observer.h"
#include "igt/state.h"

#define OBSERVERS_MAX 16

static const struct igt_subtest_observer *observers[OBSERVERS_MAX];
static int observers_count;

/* Where an assertion in a callback returns to, and what it said. */
static sigjmp_buf escape;
static struct igt_verdict escaped;

void igt_add_subtest_observer(const struct igt_subtest_observer *observer)
{
	for (int i = 0; i < observers_count; i++)
		if (observers[i] == observer)
			return;
	igt_assert_f(observers_count < OBSERVERS_MAX, "more than %d observers\n", OBSERVERS_MAX);
	observers[observers_count++] = observer;
}

enum igt_result igt_verdict_result(const struct igt_verdict *verdict)
{
	return verdict->result;
}

static void weaken(struct igt_verdict *verdict, enum igt_result result, const char *reason)
{
	bool passed = verdict->result == IGT_RESULT_SUCCESS || verdict->result == IGT_RESULT_NONE;

	if (!passed && result <= verdict->result)
		return;
	verdict->result = result;
	snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
}

void igt_verdict_fail(struct igt_verdict *verdict, const char *format, ...)
{
	char reason[IGT_REASON_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	igt_critical("%s\n", reason);
	weaken(verdict, IGT_RESULT_FAIL, reason);
}

void igt_observer_escape(enum igt_result result, const char *reason)
{
	escaped.result = result;
	snprintf(escaped.reason, sizeof(escaped.reason), "%s", reason);
	siglongjmp(escape, 1);
}

static void call_one(const struct igt_subtest_observer *observer, enum igt_observer_call call,
		     struct igt_verdict *verdict)
{
	struct igt_subtest_info info = {
		.test = igt_state.test,
		.subtest = igt_state.subtest,
		.dynamic = igt_state.dynamic[0] ? igt_state.dynamic : NULL,
	};

	switch (call) {
	case IGT_CALL_PREPARE:
		if (observer->prepare)
			observer->prepare(&info, observer->data);
		break;
	case IGT_CALL_BEFORE:
		if (observer->before)
			observer->before(&info, observer->data);
		break;
	case IGT_CALL_AFTER:
		if (observer->after)
			observer->after(&info, verdict, observer->data);
		break;
	case IGT_CALL_SETTLE:
		if (observer->settle)
			observer->settle(&info, verdict, observer->data);
		break;
	}
}

/* An assertion of the observer's own says where it stood, not whose it was. */
static void take_escaped(const struct igt_subtest_observer *observer, struct igt_verdict *verdict)
{
	char reason[IGT_REASON_MAX];

	snprintf(reason, sizeof(reason), "%s: %.*s", observer->name,
		 (int)(sizeof(reason) - strlen(observer->name) - 3), escaped.reason);
	weaken(verdict, escaped.result, reason);
}

/* Apart from the loop, so that no local of it is alive across sigsetjmp(). */
static void guarded_call(const struct igt_subtest_observer *observer, enum igt_observer_call call,
			 struct igt_verdict *verdict)
{
	if (sigsetjmp(escape, 1) == 0)
		call_one(observer, call, verdict);
	else if (escaped.result != IGT_RESULT_SUCCESS)
		take_escaped(observer, verdict);
}

void igt_observe(enum igt_observer_call call, struct igt_verdict *verdict)
{
	enum igt_phase phase = igt_state.phase;
	bool forward = call == IGT_CALL_PREPARE || call == IGT_CALL_BEFORE;

	igt_state.phase = IGT_IN_OBSERVER;
	for (int i = 0; i < observers_count; i++)
		guarded_call(observers[forward ? i : observers_count - 1 - i], call, verdict);
	igt_state.phase = phase;
}
