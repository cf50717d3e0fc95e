// SPDX-License-Identifier: MIT
#include "vm/splat.h"

#include "fetch/file.h"

#include <stdio.h>
#include <string.h>

/* How the titles begin, behind the time stamp. */
static const char *const titles[] = {
	"BUG: ",
	"Oops: ",
	"WARNING: ",
	"INFO: task ",
	"INFO: rcu",
	"INFO: trying to register non-static key",
	"Kernel panic - ",
	"general protection fault",
	"kernel BUG at ",
	"Unable to handle kernel ",
	"refcount_t: ",
	"list_add corruption",
	"list_del corruption",
	"watchdog: BUG: ",
	"stack segment: ",
	"invalid opcode: ",
	"double fault: ",
	"rcu: INFO: ",
	"slab-use-after-free",
	"=============================================================================",
	"==================================================================",
};

/* "[    1.234567] ", or with the printing thread or CPU: "[    1.234567][   T12] ". */
static const char *behind_stamp(const char *line)
{
	while (*line == '[') {
		const char *end = strchr(line, ']');

		if (!end)
			break;
		line = end + 1;
		while (*line == ' ')
			line++;
	}
	return line;
}

bool splat_is_title(const char *line)
{
	line = behind_stamp(line);
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		if (text_starts(line, titles[i]))
			return true;
	}
	return false;
}

void splat_line(struct splat *s, const char *line)
{
	size_t slot = s->tail_count++ % SPLAT_TAIL;

	if (splat_is_title(line))
		s->report = true;
	if (text_starts(behind_stamp(line), "Kernel panic - "))
		s->panic = true;
	if (s->report && s->first_count < SPLAT_LINES)
		s->first[s->first_count++] = strdup(line);
	free(s->tail[slot]);
	s->tail[slot] = strdup(line);
}

char *splat_excerpt(const struct splat *s)
{
	size_t size, from = s->tail_count > SPLAT_TAIL ? s->tail_count - SPLAT_TAIL : 0;
	char *text = NULL;
	FILE *f;

	if (!s->tail_count)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (size_t i = 0; i < s->first_count; i++)
		fprintf(f, "%s\n", s->first[i] ? s->first[i] : "");
	if (!s->first_count) {
		for (size_t i = from; i < s->tail_count; i++) {
			const char *line = s->tail[i % SPLAT_TAIL];

			fprintf(f, "%s\n", line ? line : "");
		}
	}
	fclose(f);
	return text;
}

void splat_finish(struct splat *s)
{
	for (size_t i = 0; i < s->first_count; i++)
		free(s->first[i]);
	for (size_t i = 0; i < SPLAT_TAIL; i++)
		free(s->tail[i]);
	*s = (struct splat){ 0 };
}
