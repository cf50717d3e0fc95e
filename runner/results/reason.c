// SPDX-License-Identifier: MIT
#include "results/reason.h"

#include "results/document.h"
#include "results/verdict.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum take {
	WHOLE, /* the line that holds the mark */
	AFTER, /* what follows the mark on its line */
	BELOW, /* the test's own words, in the lines below that of the mark */
};

/* Where to look, best first: @mark in the text kept under @key. */
struct clue {
	const char *key, *mark;
	enum take take;
};

static const struct clue fail_clues[] = {
	{ "err", "Test assertion failure in ", BELOW },
	{ "err", "Test abort in ", BELOW },
	{ "err", "Failed assertion: ", WHOLE },
	{ "out", "Failed assertion: ", WHOLE },
	{ "err", "CRITICAL: ", AFTER },
	{ "err", "ERROR: ", AFTER },
	{ NULL, NULL, WHOLE },
};
static const struct clue skip_clues[] = {
	{ "out", "underpowered", WHOLE },
	{ "err", "underpowered", WHOLE },
	{ "out", "Test requirement not met in ", BELOW },
	{ "err", "Test requirement not met in ", BELOW },
	{ "out", "Test requirement: ", AFTER },
	{ "err", "Test requirement: ", AFTER },
	{ "out", "Test requirement not met", WHOLE },
	{ NULL, NULL, WHOLE },
};
static const struct clue warn_clues[] = {
	{ "err", "WARNING: ", AFTER },
	{ NULL, NULL, WHOLE },
};
static const struct clue dmesg_clues[] = {
	{ "dmesg", "BUG: ", WHOLE },        { "dmesg", "WARNING: ", WHOLE },
	{ "dmesg", "Oops", WHOLE },         { "dmesg", "Kernel panic", WHOLE },
	{ "dmesg", "refcount_t: ", WHOLE }, { "dmesg", "<3> ", AFTER },
	{ "dmesg", "<4> ", AFTER },         { NULL, NULL, WHOLE },
};

/* Lines below a failure's first that are not the test's own words, and those that end it. */
static const char *const formal[] = {
	"Failed assertion: ", "Test requirement: ", "Abort condition: ", "Last errno: ", "values: ",
};
static const char *const beyond[] = { "Subtest ", "Dynamic subtest ", "Received SIG", "(", "****" };

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
	/* not inside a character: jansson takes UTF-8 only, and this may become a key */
	if (n >= REASON_MAX) {
		for (n = REASON_MAX - 1; n && (line[n] & 0xc0) == 0x80;)
			n--;
	}
	snprintf(buf, REASON_MAX, "%.*s", (int)n, line);
	return buf;
}

static bool begins_with_one_of(const char *line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strncmp(line, words[i], strlen(words[i])))
			return true;
	}
	return false;
}
#define BEGINS(line, words) begins_with_one_of(line, words, sizeof(words) / sizeof(*(words)))

static const char *take_below(const char *line, char buf[static REASON_MAX])
{
	while ((line = strchr(line, '\n')) && *++line && !BEGINS(line, beyond)) {
		if (!BEGINS(line, formal))
			return take_line(line, buf);
	}
	return NULL;
}

static const char *follow(const json_t *test, const struct clue *clue, char buf[static REASON_MAX])
{
	const char *text = json_string_value(json_object_get(test, clue->key));
	const char *hit = text ? strstr(text, clue->mark) : NULL;

	if (!hit)
		return NULL;
	if (clue->take == BELOW)
		return take_below(hit, buf);
	if (clue->take == AFTER)
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
