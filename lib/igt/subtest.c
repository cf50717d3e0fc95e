// SPDX-License-Identifier: MIT
#include "igt/subtest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt/body.h"
#include "igt/collect.h"
#include "igt/doc.h"
#include "igt/hook_command.h"
#include "igt/log.h"
#include "igt/observer.h"
#include "igt/output.h"
#include "igt/pattern.h"
#include "igt/state.h"

#define GROUPS_MAX 16

sigjmp_buf igt_body_jmp;
sigjmp_buf igt_dynamic_jmp;

/*
 * Nested groups. `rest` is what a fixture left for the subtests that follow it in its group:
 * NONE (run them), SKIP or FAIL. A group begins with its parent's and its own dies with it.
 */
static struct {
	enum igt_result rest;
	bool visited;
	size_t index;
	char reason[IGT_REASON_MAX];
} groups[GROUPS_MAX];
static int depth;

static struct igt_totals totals;
static const struct igt_entries *entries;
static size_t next_group; /* index of the group that begins next */
static bool isolating;

static void verdict_init(struct igt_verdict *verdict, enum igt_result result, const char *reason)
{
	verdict->result = result;
	snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
}

/*
 * A racing thread's failure counts against a body that thinks it passed, and so do children that it
 * never waited for.
 */
static void add_threads_and_children(struct igt_verdict *verdict)
{
	struct igt_outcome *threads = &igt_state.threads;
	enum igt_result theirs = igt_outcome_get(threads);
	int left = igt_children_sweep();

	if (theirs > verdict->result ||
	    (theirs != IGT_RESULT_NONE && verdict->result == IGT_RESULT_SUCCESS))
		verdict_init(verdict, theirs, igt_outcome_reason(threads));
	igt_outcome_clear(threads);
	if (left && verdict->result == IGT_RESULT_SUCCESS) {
		igt_critical("%d children of igt_fork() were still running\n", left);
		verdict_init(verdict, IGT_RESULT_FAIL, "igt_waitchildren() missing");
	}
}

static bool weighs(enum igt_result result)
{
	return result > IGT_RESULT_SUCCESS;
}

static void stop_if_abort(enum igt_result result)
{
	if (result == IGT_RESULT_ABORT)
		igt_leave(IGT_EXIT_ABORT);
}

static void count(enum igt_result result, int sig)
{
	if (result == IGT_RESULT_CRASH && !totals.sig)
		totals.sig = sig;
	totals.result = igt_result_merge(totals.result, result);
}

void igt_report_subtest(enum igt_result result, int sig, const char *reason)
{
	const char *word = igt_result_word(result);
	double seconds = igt_seconds_since(igt_state.subtest_began);

	igt_state.phase = IGT_OUTSIDE;
	if (weighs(result))
		igt_log_dump("Subtest", igt_state.subtest);
	igt_hook_run(IGT_HOOK_POST_SUBTEST, word);
	igt_kmsg(6, "%s: finished subtest %s, %s", igt_state.test, igt_state.subtest, word);
	igt_output_result(false, igt_state.subtest, result, seconds, reason);
	igt_state.subtest[0] = '\0';
	count(result, sig);
	stop_if_abort(result);
}

/* The harness's part of a subtest's end, after its process is gone. */
void igt_settle_and_report(enum igt_result result, int sig, const char *reason)
{
	struct igt_verdict verdict;

	verdict_init(&verdict, result, reason);
	igt_observe(IGT_CALL_SETTLE, &verdict);
	igt_report_subtest(verdict.result, sig, verdict.reason);
}

static void finish_subtest(enum igt_result result, int sig, const char *reason)
{
	struct igt_verdict verdict;

	alarm(0);
	verdict_init(&verdict, result, reason);
	if (igt_state.with_dynamic && result == IGT_RESULT_SUCCESS) {
		if (igt_state.dynamic_result == IGT_RESULT_NONE)
			verdict_init(&verdict, IGT_RESULT_SKIP, "no dynamic subtest ran");
		else if (igt_state.dynamic_result == IGT_RESULT_FAIL)
			verdict_init(&verdict, IGT_RESULT_FAIL, "a dynamic subtest failed");
		else
			verdict_init(&verdict, igt_state.dynamic_result, "");
	}
	/* what a dynamic subtest found is not undone by a skip behind it */
	if (igt_state.with_dynamic && result == IGT_RESULT_SKIP &&
	    igt_state.dynamic_result > IGT_RESULT_SUCCESS)
		verdict_init(&verdict, igt_state.dynamic_result, "a dynamic subtest failed");
	add_threads_and_children(&verdict);
	igt_observe(IGT_CALL_AFTER, &verdict);
	igt_state.phase = IGT_OUTSIDE;

	if (igt_state.role == IGT_SUBTEST) {
		igt_outcome_set(&igt_state.shared->subtest, verdict.result, sig, verdict.reason);
		igt_leave(igt_result_exit_code(verdict.result, sig));
	}
	igt_settle_and_report(verdict.result, sig, verdict.reason);
}

/* Returns the result that counts. */
static enum igt_result finish_dynamic(enum igt_result result, const char *reason)
{
	double seconds;
	struct igt_verdict verdict;
	const char *word;

	alarm(0);
	verdict_init(&verdict, result, reason);
	add_threads_and_children(&verdict);
	igt_observe(IGT_CALL_AFTER, &verdict);

	word = igt_result_word(verdict.result);
	seconds = igt_seconds_since(igt_state.shared->dynamic_began);
	if (weighs(verdict.result))
		igt_log_dump("Dynamic subtest", igt_state.dynamic);
	igt_hook_run(IGT_HOOK_POST_DYN_SUBTEST, word);
	atomic_store(&igt_state.shared->dynamic_running, false);
	igt_output_result(true, igt_state.dynamic, verdict.result, seconds, verdict.reason);
	igt_state.dynamic[0] = '\0';
	igt_state.phase = IGT_IN_SUBTEST;
	igt_state.dynamic_result = igt_result_merge(igt_state.dynamic_result, verdict.result);
	return verdict.result;
}

static void finish_fixture(enum igt_result result, const char *reason)
{
	struct igt_verdict verdict;

	alarm(0);
	verdict_init(&verdict, result, reason);
	add_threads_and_children(&verdict);
	igt_state.phase = IGT_OUTSIDE;
	if (verdict.result == IGT_RESULT_SUCCESS)
		return;

	groups[depth].rest = verdict.result;
	snprintf(groups[depth].reason, sizeof(groups[depth].reason), "%s", verdict.reason);
	if (weighs(verdict.result)) {
		igt_log_dump("Fixture of", igt_state.test);
		count(verdict.result, 0);
		stop_if_abort(verdict.result);
	}
}

void igt_end_body(enum igt_result result, int sig, const char *reason)
{
	switch (igt_state.phase) {
	case IGT_IN_FIXTURE:
		finish_fixture(result, reason);
		siglongjmp(igt_body_jmp, 1);
	case IGT_IN_SUBTEST:
		finish_subtest(result, sig, reason);
		siglongjmp(igt_body_jmp, 1);
	case IGT_IN_DYNAMIC:
		/* a racing thread's abort counts as much as the body's own */
		if (finish_dynamic(result, reason) == IGT_RESULT_ABORT)
			finish_subtest(IGT_RESULT_ABORT, sig, reason);
		siglongjmp(igt_dynamic_jmp, 1);
	case IGT_IN_OBSERVER:
		igt_observer_escape(result, reason);
	case IGT_OUTSIDE:
		break;
	}
	/* An assertion between the blocks: nothing can be run after it. */
	igt_leave(igt_result_exit_code(result, sig));
}

void igt_body_done(void)
{
	igt_end_body(IGT_RESULT_SUCCESS, 0, "");
}

void igt_dynamic_done(void)
{
	igt_end_body(IGT_RESULT_SUCCESS, 0, "");
}

/*
 * The process leaves by exit() in the middle of a subtest. In a subtest's own process the parent
 * sees that; here it would pass for the status the test chose.
 */
static void left_by_exit(void)
{
	static const char left[] = "it called exit()";

	if (igt_state.role != IGT_HARNESS)
		return;
	if (igt_state.phase != IGT_IN_SUBTEST && igt_state.phase != IGT_IN_DYNAMIC)
		return;
	igt_critical("subtest %s: %s\n", igt_state.subtest, left);
	if (igt_state.phase == IGT_IN_DYNAMIC)
		finish_dynamic(IGT_RESULT_FAIL, left);
	finish_subtest(IGT_RESULT_FAIL, 0, left);
	igt_run_exit_handlers(0);
	igt_kmsg(6, "%s: exiting, ret=%d", igt_state.test, IGT_EXIT_FAILURE);
	_exit(IGT_EXIT_FAILURE);
}

/* Each block begins here: was the one before left by its end? */
static void close_left_body(void)
{
	static const char left[] = "its block was left by break, return or goto";

	if (igt_state.phase == IGT_OUTSIDE)
		return;
	igt_critical("%s %s: %s\n", igt_state.test, igt_state.subtest, left);
	if (igt_state.phase == IGT_IN_DYNAMIC)
		finish_dynamic(IGT_RESULT_FAIL, left);
	if (igt_state.phase == IGT_IN_SUBTEST)
		finish_subtest(IGT_RESULT_FAIL, 0, left);
	if (igt_state.phase == IGT_IN_FIXTURE)
		finish_fixture(IGT_RESULT_FAIL, left);
}

bool igt_fixture_begin(void)
{
	if (igt_collecting())
		return false;
	close_left_body();
	if (groups[depth].rest != IGT_RESULT_NONE)
		return false;
	igt_state.phase = IGT_IN_FIXTURE;
	return true;
}

/* Neither observers nor a process: a subtest that may not run must leave no trace. */
static bool skip_destructive(const char *name)
{
	const struct igt_doc_subtest *doc = igt_doc_find(name);
	char reason[IGT_REASON_MAX];

	if (igt_state.destructive || !doc || !doc->destructive)
		return false;
	snprintf(reason, sizeof(reason),
		 "destructive: %s; set GEMRACE_DESTRUCTIVE=1 or gemrace run --destructive",
		 doc->destructive);
	igt_info("Test requirement: %s\n", reason);
	igt_report_subtest(IGT_RESULT_SKIP, 0, reason);
	return true;
}

static bool start_subtest(const char *name, bool with_dynamic)
{
	struct igt_verdict verdict = { .result = IGT_RESULT_NONE };

	snprintf(igt_state.subtest, sizeof(igt_state.subtest), "%s", name);
	igt_state.subtest_began = igt_now();
	igt_state.with_dynamic = with_dynamic;
	igt_state.dynamic_result = IGT_RESULT_NONE;
	igt_outcome_clear(&igt_state.threads);
	igt_outcome_clear(&igt_state.shared->subtest);
	atomic_store(&igt_state.shared->dynamic_running, false);
	igt_ring_reset(&igt_state.shared->ring);

	igt_kmsg(6, "%s: starting subtest %s", igt_state.test, name);
	igt_output_start(false, name);
	igt_hook_run(IGT_HOOK_PRE_SUBTEST, "");
	igt_debug_wait_for_keypress("subtest");
	if (skip_destructive(name))
		return false;

	igt_observe(IGT_CALL_PREPARE, &verdict);
	if (verdict.result != IGT_RESULT_NONE) {
		igt_settle_and_report(verdict.result, 0, verdict.reason);
		return false;
	}
	if (isolating && !igt_isolate())
		return false;
	igt_observe(IGT_CALL_BEFORE, &verdict);
	igt_state.phase = IGT_IN_SUBTEST;
	if (verdict.result != IGT_RESULT_NONE) {
		finish_subtest(verdict.result, 0, verdict.reason);
		return false;
	}
	return true;
}

bool igt_subtest_begin(bool with_dynamic, const char *file, int line, const char *format, ...)
{
	char name[IGT_NAME_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);

	if (igt_collecting()) {
		igt_collect_add(name, file, line);
		return false;
	}
	close_left_body();
	if (igt_state.options.subtests && !igt_pattern_match(name, igt_state.options.subtests))
		return false;
	if (groups[depth].rest != IGT_RESULT_NONE) {
		igt_output_result(false, name, groups[depth].rest, 0, groups[depth].reason);
		count(groups[depth].rest, 0);
		return false;
	}
	return start_subtest(name, with_dynamic);
}

bool igt_dynamic_begin(const char *format, ...)
{
	const char *patterns = igt_state.options.dynamic;
	struct igt_shared *shared = igt_state.shared;
	struct igt_verdict verdict = { .result = IGT_RESULT_NONE };
	char name[IGT_NAME_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);

	if (igt_state.phase == IGT_IN_DYNAMIC)
		finish_dynamic(IGT_RESULT_FAIL, "its block was left by break, return or goto");
	atomic_store(&shared->dynamic_offered, true);
	if (patterns && !igt_pattern_match(name, patterns))
		return false;
	atomic_store(&shared->dynamic_matched, true);

	snprintf(igt_state.dynamic, sizeof(igt_state.dynamic), "%s", name);
	snprintf(shared->dynamic, sizeof(shared->dynamic), "%s", name);
	shared->dynamic_began = igt_now();
	atomic_store(&shared->dynamic_running, true);

	igt_kmsg(6, "%s: starting dynamic subtest %s", igt_state.test, name);
	igt_output_start(true, name);
	igt_hook_run(IGT_HOOK_PRE_DYN_SUBTEST, "");
	igt_observe(IGT_CALL_BEFORE, &verdict);
	igt_state.phase = IGT_IN_DYNAMIC;
	if (verdict.result != IGT_RESULT_NONE) {
		finish_dynamic(verdict.result, verdict.reason);
		return false;
	}
	return true;
}

void igt_group_begin(void)
{
	if (depth + 1 == GROUPS_MAX) {
		fprintf(stderr, "subtest groups nested deeper than %d\n", GROUPS_MAX - 1);
		exit(IGT_EXIT_INVALID);
	}
	groups[depth + 1] = groups[depth];
	groups[depth + 1].visited = false;
	depth++;
	if (igt_collecting()) {
		groups[depth].index = igt_collect_group_begin();
		return;
	}

	/* Nothing chosen in it: its fixtures are no business of the other subtests. */
	close_left_body();
	groups[depth].index = next_group++;
	if (!entries->groups[groups[depth].index].selected) {
		groups[depth].visited = true;
		next_group = entries->groups[groups[depth].index].end;
	}
}

bool igt_group_next(void)
{
	if (groups[depth].visited) {
		if (igt_collecting())
			igt_collect_group_end(groups[depth].index);
		else
			close_left_body();
		depth--;
		return false;
	}
	groups[depth].visited = true;
	return true;
}

void igt_run_body(struct igt_totals *ret_totals, const struct igt_entries *collected,
		  void (*body)(void), bool isolate)
{
	atexit(left_by_exit);
	entries = collected;
	isolating = isolate;
	body();
	close_left_body();
	totals.dynamic_unknown = igt_state.shared->dynamic_offered &&
				 !igt_state.shared->dynamic_matched;
	*ret_totals = totals;
}

const char *igt_subtest_name(void)
{
	return igt_state.subtest;
}

const char *igt_dynamic_subtest_name(void)
{
	return igt_state.dynamic;
}
