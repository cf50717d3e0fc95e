// SPDX-License-Identifier: MIT
#include "report/skips.h"

#include "report/style.h"
#include "results/verdict.h"

#include <string.h>

#define WIDTH 100
#define LINES 2 /* of names: a report shows where to look, results.json has them all */

json_t *skips_new(void)
{
	return json_object();
}

void skips_add(json_t *skips, const char *name, const char *reason)
{
	json_t *names = json_object_get(skips, reason);

	if (!names) {
		names = json_array();
		/* not taken, it is freed */
		if (json_object_set_new(skips, reason, names))
			return;
	}
	json_array_append_new(names, json_string(name));
}

bool skips_shared(const json_t *skips, const char *reason)
{
	return json_array_size(json_object_get(skips, reason)) > 1;
}

/* How much of @name is its binary's, with the '@' behind it. */
static size_t binary_part(const char *name)
{
	size_t n = strcspn(name, "@");

	return n + (name[n] == '@');
}

static void print_names(FILE *f, const json_t *names, int indent)
{
	const char *before = "";
	int column = indent, lines = 1;
	json_t *item;
	size_t i;

	fprintf(f, "%*s", indent, "");
	json_array_foreach(names, i, item)
	{
		const char *name = json_string_value(item);
		size_t part = binary_part(name);
		/* the binary's name once for all that follow */
		bool same = i && part == binary_part(before) && !strncmp(name, before, part);
		const char *shown = same ? name + part : name;
		int width = strlen(shown) + 2;

		if (i && column + width > WIDTH) {
			if (lines++ == LINES) {
				fprintf(f, ", and %zu more", json_array_size(names) - i);
				break;
			}
			fprintf(f, ",\n%*s", indent, "");
			column = indent;
		} else if (i) {
			fputs(", ", f);
		}
		fputs(shown, f);
		column += width;
		before = name;
	}
	fputc('\n', f);
}

void skips_print(FILE *f, json_t *skips, int indent, bool colour)
{
	const char *reason, *before = "\n";
	json_t *names;

	json_object_foreach(skips, reason, names)
	{
		if (json_array_size(names) < 2)
			continue;
		fputs(before, f);
		before = "";
		fprintf(f, "%s%-*s%s%s: %zu\n", style_of(VERDICT_SKIP, colour), indent,
			verdict_word(VERDICT_SKIP), style_end(colour), reason,
			json_array_size(names));
		print_names(f, names, indent);
	}
}
