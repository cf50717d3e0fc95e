// SPDX-License-Identifier: MIT
#include "results/reason.h"

#include "results/document.h"
#include "results/verdict.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * Where to look, best first: a line holding @mark in the text kept under @key. With @after the
 * reason is what follows the mark, else the whole line.
 */
struct clue {
	const char *key, *mark;
	bool after;
};

static const struct clue fail_clues[] = {
	{ "err", "Failed assertion: ", false },
	{ "out", "Failed assertion: ", false },
	{ "err", "CRITICAL: ", true },
	{ "err", "Test abort", false },
	{ "err", "ERROR: ", true },
	{ NULL, NULL, false },
};
static const struct clue skip_clues[] = {
	{ "out", "underpowered", false },
	{ "err", "underpowered", false },
	{ "out", "Test requirement: ", true },
	{ "err", "Test requirement: ", true },
	{ "out", "Test requirement not met", false },
	{ NULL, NULL, false },
};
static const struct clue warn_clues[] = {
	{ "err", "WARNING: ", true },
	{ NULL, NULL, false },
};
static const struct clue dmesg_clues[] = {
	{ "dmesg", "BUG: ", false },        { "dmesg", "WARNING: ", false },
	{ "dmesg", "Oops", false },         { "dmesg", "Kernel panic", false },
	{ "dmesg", "refcount_t: ", false }, { "dmesg", "<3> ", true },
	{ "dmesg", "<4> ", true },          { NULL, NULL, false },
};

static const struct clue *const clues[VERDICT_COUNT] = {
	[VERDICT_WARN] = warn_clues,       [VERDICT_DMESG_WARN] = dmesg_clues,
	[VERDICT_SKIP] = skip_clues,       [VERDICT_FAIL] = fail_clues,
	[VERDICT_DMESG_FAIL] = fail_clues, [VERDICT_CRASH] = fail_clues,
	[VERDICT_TIMEOUT] = fail_clues,    [VERDICT_ABORT] = fail_clues,
	[VERDICT_INCOMPLETE] = fail_clues,
};

static const char *const fallbacks[VERDICT_COUNT] = {
	[VERDICT_CRASH] = "the test's process crashed",
	[VERDICT_TIMEOUT] = "did not end in time",
	[VERDICT_ABORT] = "the test ended the run: the machine is in no state to go on",
	[VERDICT_INCOMPLETE] = "the test's process ended without a result",
};

/* Copies the line that starts at @line, without "(binary:pid) LEVEL: " in front. */
static const char *take_line(const char *line, char buf[static REASON_MAX])
{
	size_t n = strcspn(line, "\n");
	const char *level;

	if (*line == '(') {
		level = memmem(line, n, ": ", 2);
		if (level) {
			n -= level + 2 - line;
			line = level + 2;
		}
	}
	while (n && isspace((unsigned char)*line)) {
		line++;
		n--;
	}
	if (!n)
		return NULL;
	snprintf(buf, REASON_MAX, "%.*s", (int)n, line);
	return buf;
}

static const char *follow(const json_t *test, const struct clue *clue, char buf[static REASON_MAX])
{
	const char *text = json_string_value(json_object_get(test, clue->key));
	const char *hit = text ? strstr(text, clue->mark) : NULL;

	if (!hit)
		return NULL;
	if (clue->after)
		return take_line(hit + strlen(clue->mark), buf);
	while (hit > text && hit[-1] != '\n')
		hit--;
	return take_line(hit, buf);
}

const char *reason_of(const json_t *test, char buf[static REASON_MAX])
{
	const char *own = json_string_value(json_object_get(test, "reason"));
	enum verdict v = verdict_of(test);
	const char *reason;

	if (own)
		return take_line(own, buf);
	for (const struct clue *c = clues[v]; c && c->key; c++) {
		reason = follow(test, c, buf);
		if (reason)
			return reason;
	}
	if (v == VERDICT_DMESG_FAIL) {
		for (const struct clue *c = dmesg_clues; c->key; c++) {
			reason = follow(test, c, buf);
			if (reason)
				return reason;
		}
	}
	return fallbacks[v];
}
