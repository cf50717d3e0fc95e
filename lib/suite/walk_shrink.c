// SPDX-License-Identifier: MIT
#include "suite/walk_shrink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int walk_end(const struct walk_subject *subject, int ret, struct race_why *why)
{
	if (!ret)
		ret = subject->end(subject->ctx, why);
	if (ret)
		subject->abandon(subject->ctx);
	return ret;
}

static bool possible(const struct walk_subject *subject, unsigned int step)
{
	unsigned int steps[WALK_STEPS], count = subject->steps(subject->ctx, steps);

	for (unsigned int i = 0; i < count; i++)
		if (steps[i] == step)
			return true;
	return false;
}

enum walk_result walk_take(const struct walk_subject *subject, struct walk *walk,
			   enum walk_mode mode)
{
	unsigned int count = walk->count;
	bool stopped = false;
	int ret;

	walk->count = 0;
	ret = subject->begin(subject->ctx, &walk->why);
	for (unsigned int i = 0; i < count && !ret && !stopped; i++) {
		if (!possible(subject, walk->step[i])) {
			stopped = mode == WALK_STRICT;
			continue;
		}
		walk->step[walk->count++] = walk->step[i];
		ret = subject->take(subject->ctx, walk->step[walk->count - 1], &walk->why);
	}
	if (walk_end(subject, ret, &walk->why))
		return WALK_FAILED;
	return stopped ? WALK_IMPOSSIBLE : WALK_HELD;
}

struct shrink {
	const struct walk_subject *subject;
	struct walk *best;
	unsigned int tries;
	uint64_t until_ms;
	uint64_t (*now_ms)(void);
};

static bool out_of_time(const struct shrink *shrink)
{
	return shrink->now_ms() >= shrink->until_ms;
}

/* Keeps @walk when it fails and is shorter. */
static bool try(struct shrink *shrink, struct walk *walk)
{
	shrink->tries++;
	if (walk_take(shrink->subject, walk, WALK_LENIENT) != WALK_FAILED ||
	    walk->count >= shrink->best->count)
		return false;
	*shrink->best = *walk;
	return true;
}

/* Leaves out @chunk steps at each place in turn. */
static bool leave_out(struct shrink *shrink, unsigned int chunk)
{
	bool shorter = false;

	for (unsigned int at = 0; at < shrink->best->count && !out_of_time(shrink);) {
		const struct walk *best = shrink->best;
		unsigned int gone = at + chunk > best->count ? best->count - at : chunk;
		struct walk walk = { .count = best->count - gone };

		memcpy(walk.step, best->step, at * sizeof(walk.step[0]));
		memcpy(&walk.step[at], &best->step[at + gone],
		       (best->count - at - gone) * sizeof(walk.step[0]));
		if (try(shrink, &walk))
			shorter = true;
		else
			at += chunk;
	}
	return shorter;
}

/* Every walk of @length steps; true when one fails. */
static bool search(struct shrink *shrink, unsigned int length, struct walk *prefix)
{
	unsigned int steps[WALK_STEPS], count;
	struct walk walk = *prefix;
	struct race_why why;

	if (out_of_time(shrink))
		return false;
	if (prefix->count == length)
		return try(shrink, &walk);
	/* Where the prefix leads: shorter lengths were searched before, so it holds. */
	if (shrink->subject->begin(shrink->subject->ctx, &why))
		return false;
	for (unsigned int i = 0; i < prefix->count; i++)
		shrink->subject->take(shrink->subject->ctx, prefix->step[i], &why);
	count = shrink->subject->steps(shrink->subject->ctx, steps);
	walk_end(shrink->subject, 0, &why);
	for (unsigned int i = 0; i < count; i++) {
		prefix->step[prefix->count++] = steps[i];
		if (search(shrink, length, prefix))
			return true;
		prefix->count--;
	}
	return false;
}

unsigned int walk_shrink(const struct walk_subject *subject, struct walk *walk, uint64_t until_ms,
			 uint64_t (*now_ms)(void))
{
	struct shrink shrink = {
		.subject = subject,
		.best = walk,
		.until_ms = until_ms,
		.now_ms = now_ms,
	};

	for (unsigned int chunk = (walk->count + 1) / 2; chunk;) {
		if (!leave_out(&shrink, chunk))
			chunk /= 2;
		else if (chunk > walk->count)
			chunk = walk->count;
	}
	for (unsigned int length = 1; length < walk->count; length++) {
		struct walk prefix = { 0 };

		if (search(&shrink, length, &prefix))
			break;
	}
	return shrink.tries;
}

void walk_text(const struct walk_subject *subject, const struct walk *walk, char *buf, size_t size)
{
	size_t length = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < walk->count && length < size; i++) {
		char word[32];

		subject->text(walk->step[i], word, sizeof(word));
		length += (size_t)snprintf(buf + length, size - length, "%s%s", i ? "," : "", word);
	}
}

static int find_step(const struct walk_subject *subject, const char *word, size_t length,
		     unsigned int *ret_step)
{
	for (unsigned int step = 0; step < WALK_STEPS; step++) {
		char text[32];

		subject->text(step, text, sizeof(text));
		if (length && strlen(text) == length && !strncmp(text, word, length)) {
			*ret_step = step;
			return 0;
		}
	}
	return -EINVAL;
}

int walk_parse(const struct walk_subject *subject, const char *text, struct walk *ret_walk,
	       char *error, size_t error_size)
{
	struct walk walk = { 0 };

	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");

		if (walk.count == WALK_MAX) {
			snprintf(error, error_size, "more than %d steps", WALK_MAX);
			return -EINVAL;
		}
		if (find_step(subject, word, length, &walk.step[walk.count])) {
			snprintf(error, error_size, "'%.*s' is no step of this test",
				 (int)(length < 40 ? length : 40), word);
			return -EINVAL;
		}
		walk.count++;
		word += length;
		if (!*word)
			break;
	}
	*ret_walk = walk;
	return 0;
}
