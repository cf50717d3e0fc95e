// SPDX-License-Identifier: MIT
#include "race/replay.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* beyond a minute nobody aims; keeps every conversion that follows in range */
#define MAX_NS 6e10

static bool read_ns(const char *text, const char **ret_end, double *ret_ns)
{
	char *end;
	double ns = strtod(text, &end);

	if (end == text || !(fabs(ns) <= MAX_NS))
		return false;
	*ret_end = end;
	*ret_ns = ns;
	return true;
}

/* Lanes 1 and up; returns how many lanes that makes with lane 0, or 0. */
static unsigned int read_list(const char *text, double *ret_ns)
{
	unsigned int lanes = 1;

	for (;;) {
		if (lanes == RACE_MAX_LANES || !read_ns(text, &text, &ret_ns[lanes]))
			return 0;
		lanes++;
		if (*text == '\0')
			return lanes;
		if (*text++ != ':')
			return 0;
	}
}

static bool read_word(const char *text, char *out, size_t size)
{
	size_t length = strlen(text);

	if (!length || length >= size)
		return false;
	memcpy(out, text, length + 1);
	return true;
}

/* NAME:LANE:NS */
static bool read_perturb(struct race_replay *replay, const char *text)
{
	size_t length = strcspn(text, ":");
	const char *rest;

	if (!length || length >= sizeof(replay->perturb) || text[length] != ':')
		return false;
	memcpy(replay->perturb, text, length);
	replay->perturb[length] = '\0';
	text += length + 1;
	if (text[0] < '0' || text[0] >= '0' + RACE_MAX_LANES || text[1] != ':')
		return false;
	replay->victim = (unsigned int)(text[0] - '0');
	return read_ns(text + 2, &rest, &replay->phase) && !*rest;
}

static bool read_pair(struct race_replay *replay, const char *key, const char *value,
		      unsigned int *off_lanes)
{
	const char *rest;
	char *end;

	if (!strcmp(key, "v"))
		return !strcmp(value, "1");
	if (!strcmp(key, "race"))
		return read_word(value, replay->race, sizeof(replay->race));
	if (!strcmp(key, "seed")) {
		errno = 0;
		replay->seed = strtoull(value, &end, 0);
		return !errno && end != value && !*end && *value != '-';
	}
	if (!strcmp(key, "at"))
		return (replay->lanes = read_list(value, replay->at)) != 0;
	if (!strcmp(key, "off")) {
		replay->from_flip = true;
		return (*off_lanes = read_list(value, replay->off)) != 0;
	}
	if (!strcmp(key, "sigma"))
		return read_ns(value, &rest, &replay->sigma) && !*rest && replay->sigma >= 0;
	if (!strcmp(key, "perturb"))
		return read_perturb(replay, value);
	return false;
}

int race_replay_parse(const char *text, struct race_replay *ret_replay)
{
	struct race_replay replay = { 0 };
	unsigned int off_lanes = 0;
	char copy[RACE_LINE_SIZE], *save, *pair;

	if (!read_word(text, copy, sizeof(copy)))
		return -EINVAL;
	for (pair = strtok_r(copy, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		char *value = strchr(pair, '=');

		if (!value)
			return -EINVAL;
		*value++ = '\0';
		if (!read_pair(&replay, pair, value, &off_lanes))
			return -EINVAL;
	}
	if (!replay.lanes || !replay.race[0] || replay.victim >= replay.lanes ||
	    (off_lanes && off_lanes != replay.lanes))
		return -EINVAL;
	*ret_replay = replay;
	return 0;
}

int race_replay_check(const char *text)
{
	struct race_replay replay;

	return race_replay_parse(text, &replay);
}

__attribute__((format(printf, 4, 5))) static bool append(char *out, size_t size, size_t *used,
							 const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out + *used, size - *used, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= size - *used)
		return false;
	*used += (size_t)n;
	return true;
}

static bool append_list(char *out, size_t size, size_t *used, const char *key, const double *ns,
			unsigned int lanes)
{
	unsigned int i;

	if (!append(out, size, used, ",%s=%.0f", key, ns[1]))
		return false;
	for (i = 2; i < lanes; i++)
		if (!append(out, size, used, ":%.0f", ns[i]))
			return false;
	return true;
}

int race_replay_format(const struct race_replay *replay, char *out, size_t size)
{
	char text[RACE_LINE_SIZE];
	size_t used = 0;

	if (!append(text, sizeof(text), &used, "v=1,race=%s,seed=%llu", replay->race,
		    (unsigned long long)replay->seed) ||
	    !append_list(text, sizeof(text), &used, "at", replay->at, replay->lanes) ||
	    !append(text, sizeof(text), &used, ",sigma=%.1f", replay->sigma) ||
	    (replay->from_flip &&
	     !append_list(text, sizeof(text), &used, "off", replay->off, replay->lanes)) ||
	    (replay->perturb[0] && !append(text, sizeof(text), &used, ",perturb=%s:%u:%.0f",
					   replay->perturb, replay->victim, replay->phase)) ||
	    used >= size)
		return -ENAMETOOLONG;
	memcpy(out, text, used + 1);
	return 0;
}
