/* SPDX-License-Identifier: MIT */
#ifndef IGT_OBSERVER_H
#define IGT_OBSERVER_H

#include "igt/state.h"

/* Internal: the calling side of igt/hooks.h. */

struct igt_verdict {
	enum igt_result result;
	char reason[IGT_REASON_MAX];
};

enum igt_observer_call {
	IGT_CALL_PREPARE,
	IGT_CALL_BEFORE,
	IGT_CALL_AFTER,
	IGT_CALL_SETTLE,
};

/* Call all observers; they may change @verdict. */
void igt_observe(enum igt_observer_call call, struct igt_verdict *verdict);

/* An assertion failed inside one. */
void igt_observer_escape(enum igt_result result, const char *reason) __attribute__((noreturn));

#endif
