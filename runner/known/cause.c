// SPDX-License-Identifier: MIT
#include "known/cause.h"

#include "known/console.h"
#include "oracle/splat.h"
#include "results/reason.h"
#include "results/verdict.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK       ") CRITICAL: "
#define ASSERTION  "Test assertion failure in "
#define FAILED     "Failed assertion: "
#define DUMP_BEGIN "**** DEBUG ****"
#define DUMP_END   "****  END  ****"

static int add(struct causes *causes, const struct cause *cause)
{
	struct cause *at = reallocarray(causes->at, causes->count + 1, sizeof(*at));

	if (!at)
		return -ENOMEM;
	at[causes->count++] = *cause;
	causes->at = at;
	return 0;
}

/*
 * The same cry, seen twice: on the console and in what igt_runner saved of the log, which ends
 * where the kernel died and may hold half of it.
 */
static struct cause *find_twin(const struct causes *causes, const struct cause *cry)
{
	for (size_t i = 0; i < causes->count; i++) {
		struct cause *other = &causes->at[i];

		if (!strcmp(other->fingerprint, cry->fingerprint) ||
		    (cry->time_us && other->time_us == cry->time_us))
			return other;
	}
	return NULL;
}

static int add_cry(struct causes *causes, const struct splat *splat)
{
	struct cause cry = {
		.died = splat->died,
		.frames = splat->nr_frames,
		.time_us = splat->time_us,
	};
	struct cause *twin;

	snprintf(cry.text, sizeof(cry.text), "%s", splat->title);
	splat_fingerprint(splat, cry.fingerprint);
	twin = find_twin(causes, &cry);
	if (!twin)
		return add(causes, &cry);
	cry.died |= twin->died;
	if (cry.frames > twin->frames)
		*twin = cry;
	twin->died = cry.died;
	return 0;
}

static int add_cries(struct causes *causes, const char *log)
{
	struct splat_scan *scan = splat_scan_new();
	const struct splat *splats;
	int err = scan ? 0 : -ENOMEM;
	size_t nr = 0;

	for (const char *line = log; !err && *line;) {
		size_t len = strcspn(line, "\n");
		struct kmsg_record record;

		console_record(line, len, &record);
		err = splat_scan_feed(scan, &record);
		line += len + (line[len] == '\n');
	}
	splats = err ? NULL : splat_scan_result(scan, &nr);
	for (size_t i = 0; !err && i < nr; i++)
		err = add_cry(causes, &splats[i]);
	splat_scan_free(scan);
	return err;
}

/* "TITLE [oops 0123456789abcdef]", as a test's own look at the kernel log says it. */
static bool is_cry(struct cause *cause)
{
	char *open = strrchr(cause->text, '['), *blank = open ? strchr(open, ' ') : NULL;
	size_t len = blank ? strspn(blank + 1, "0123456789abcdef") : 0;

	if (len != 16 || strcmp(blank + 1 + len, "]"))
		return false;
	memcpy(cause->fingerprint, blank + 1, len);
	*open = '\0';
	while (open > cause->text && open[-1] == ' ')
		*--open = '\0';
	return true;
}

/* The first line of an assertion says where; what broke stands below it. */
static const char *below(const char *line)
{
	const char *failed = NULL;

	while ((line = strchr(line, '\n')) && *++line && *line != '(' && *line != '*') {
		if (!strncmp(line, FAILED, strlen(FAILED)))
			failed = line + strlen(FAILED);
		else if (strncmp(line, "Last errno: ", 12) && strncmp(line, "values: ", 8))
			break;
	}
	if (line && *line && *line != '(' && *line != '*' && strncmp(line, "Subtest ", 8) &&
	    strncmp(line, "Dynamic subtest ", 16))
		return line;
	return failed;
}

static int add_sentence(struct causes *causes, const char *line)
{
	struct cause cause = { 0 };

	if (!strncmp(line, ASSERTION, strlen(ASSERTION)))
		line = below(line) ?: line;
	snprintf(cause.text, sizeof(cause.text), "%.*s", (int)strcspn(line, "\n"), line);
	if (is_cry(&cause) && find_twin(causes, &cause))
		return 0;
	return add(causes, &cause);
}

/* Every failure that was printed, but not the dump of the log that repeats them. */
static int add_sentences(struct causes *causes, const char *text)
{
	bool dump = false;
	int err = 0;

	for (const char *line = text; !err && *line;) {
		size_t len = strcspn(line, "\n");
		const char *mark = memmem(line, len, MARK, strlen(MARK));

		if (!strncmp(line, DUMP_BEGIN, strlen(DUMP_BEGIN)))
			dump = true;
		else if (!strncmp(line, DUMP_END, strlen(DUMP_END)))
			dump = false;
		else if (!dump && *line == '(' && mark)
			err = add_sentence(causes, mark + strlen(MARK));
		line += len + (line[len] == '\n');
	}
	return err;
}

int causes_of(const json_t *test, struct causes *ret)
{
	const char *log = json_string_value(json_object_get(test, "dmesg"));
	const char *said = json_string_value(json_object_get(test, "err"));
	char buf[REASON_MAX];
	const char *reason;
	int err = 0;

	*ret = (struct causes){ 0 };
	if (log)
		err = add_cries(ret, log);
	if (!err && said)
		err = add_sentences(ret, said);
	reason = ret->count ? NULL : reason_of(test, buf);
	if (!err && reason)
		err = add_sentence(ret, reason);
	return err;
}

void causes_finish(struct causes *causes)
{
	free(causes->at);
	*causes = (struct causes){ 0 };
}

const struct cause *causes_main_cry(const struct causes *causes)
{
	const struct cause *first = NULL;

	for (size_t i = 0; i < causes->count; i++) {
		const struct cause *cause = &causes->at[i];

		if (cause->fingerprint[0] && cause->died)
			return cause;
		if (cause->fingerprint[0] && !first)
			first = cause;
	}
	return first;
}
