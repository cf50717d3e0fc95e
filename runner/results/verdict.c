// SPDX-License-Identifier: MIT
#include "results/verdict.h"

#include "results/document.h"
#include "results/reason.h"

#include <string.h>

static const struct {
	const char *word;
	bool defect;
} verdicts[VERDICT_COUNT] = {
	[VERDICT_PASS] = { "pass", false },
	[VERDICT_WARN] = { "warn", false },
	[VERDICT_DMESG_WARN] = { "dmesg-warn", true },
	[VERDICT_SKIP] = { "skip", false },
	[VERDICT_FAIL] = { "fail", true },
	[VERDICT_DMESG_FAIL] = { "dmesg-fail", true },
	[VERDICT_CRASH] = { "crash", true },
	[VERDICT_TIMEOUT] = { "timeout", true },
	[VERDICT_ABORT] = { "abort", true },
	[VERDICT_INCOMPLETE] = { "incomplete", true },
	[VERDICT_NOTRUN] = { "notrun", false },
};

const char *verdict_word(enum verdict v)
{
	return verdicts[v].word;
}

enum verdict verdict_of(const json_t *test)
{
	const char *word = results_word(test);

	for (int v = 0; v < VERDICT_COUNT; v++) {
		if (!strcmp(word, verdicts[v].word))
			return v;
	}
	return VERDICT_INCOMPLETE;
}

bool verdict_is_defect(enum verdict v)
{
	return verdicts[v].defect;
}

bool test_is_cut_off(const json_t *test)
{
	return json_is_true(json_object_get(test, "cut_off"));
}

bool test_is_underpowered(const json_t *test)
{
	const char *reason;
	char buf[REASON_MAX];

	if (verdict_of(test) != VERDICT_SKIP)
		return false;
	reason = reason_of(test, buf);
	return reason && strstr(reason, "underpowered");
}

const char *test_known(const json_t *test)
{
	return json_string_value(json_object_get(test, "known"));
}

enum gemrace_exit verdict_of_run(const json_t *root)
{
	const json_t *harness = json_object_get(json_object_get(root, "gemrace"), "harness_error");
	size_t ran = 0, doubtful = 0;
	const char *name;
	json_t *test;

	json_object_foreach(results_tests(root), name, test)
	{
		enum verdict v = verdict_of(test);

		if (test_is_cut_off(test) || v == VERDICT_NOTRUN || test_is_underpowered(test))
			doubtful++;
		else if (verdict_is_defect(v) && !test_known(test))
			return GEMRACE_DEFECT;
		else if (v != VERDICT_SKIP)
			ran++;
	}
	if (harness)
		return GEMRACE_HARNESS;
	return doubtful || !ran ? GEMRACE_INCONCLUSIVE : GEMRACE_OK;
}
