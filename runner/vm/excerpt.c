// SPDX-License-Identifier: MIT
#include "vm/excerpt.h"

#include "known/console.h"
#include "oracle/splat_title.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct excerpt *e, const char *line)
{
	size_t slot = e->tail_count % EXCERPT_TAIL;

	if (e->report && e->head_count < EXCERPT_HEAD) {
		e->head[e->head_count++] = strdup(line);
		return;
	}
	e->tail_count++;
	free(e->tail[slot]);
	e->tail[slot] = strdup(line);
}

void excerpt_start(struct excerpt *e)
{
	if (!e->report)
		e->tail_count = 0;
	e->report = true;
}

void excerpt_line(struct excerpt *e, const char *line)
{
	const struct splat_pattern *pattern;
	struct kmsg_record record;

	console_record(line, strlen(line), &record);
	pattern = splat_match(record.text);
	if (pattern) {
		excerpt_start(e);
		e->died |= pattern->died;
		e->panic |= pattern->kind == SPLAT_PANIC;
	}
	keep(e, line);
}

void excerpt_begin(struct excerpt *e)
{
	if (e->died || !e->report)
		return;
	for (size_t i = 0; i < e->head_count; i++)
		free(e->head[i]);
	e->head_count = e->tail_count = 0;
	e->report = false;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

char *excerpt_text(const struct excerpt *e)
{
	size_t kept = smaller(e->tail_count, e->report ? EXCERPT_TAIL : EXCERPT_LAST), size;
	char *text = NULL;
	FILE *f;

	if (!e->head_count && !e->tail_count)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (size_t i = 0; i < e->head_count; i++)
		fprintf(f, "%s\n", e->head[i] ? e->head[i] : "");
	if (e->head_count && e->tail_count > kept)
		fprintf(f, "... %zu lines left out ...\n", e->tail_count - kept);
	for (size_t i = e->tail_count - kept; i < e->tail_count; i++) {
		const char *line = e->tail[i % EXCERPT_TAIL];

		fprintf(f, "%s\n", line ? line : "");
	}
	fclose(f);
	return text;
}

void excerpt_finish(struct excerpt *e)
{
	for (size_t i = 0; i < e->head_count; i++)
		free(e->head[i]);
	for (size_t i = 0; i < EXCERPT_TAIL; i++)
		free(e->tail[i]);
	*e = (struct excerpt){ 0 };
}
