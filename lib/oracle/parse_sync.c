// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "oracle/parse.h"

/*
 * "objs:\n---\n", then for each timeline "name: value\n" and its fences below it,
 * "  name fence active: 12 / 34\n" (Linux 6.x) or without the name (7.x).
 *
 * A timeline is listed as long as its file or one of its fences lives. Neither has an identity
 * here; they are told apart by name and counted.
 */
static int parse_line(struct text line, struct ledger_item *item)
{
	bool fence = text_skip(&line, TEXT("  "));
	const char *end = memrchr(line.p, ':', line.len);

	if (!end)
		return -EINVAL;
	line.len = end - line.p;
	/* "active", "signaled@12.5", "error@12.5": changes while the fence stays the same. */
	if (fence) {
		end = memrchr(line.p, ' ', line.len);
		line.len = end ? end - line.p : 0;
	}
	item->count = 1;
	text_copy(line, item->name, sizeof(item->name));
	snprintf(item->owner, sizeof(item->owner), "%s", fence ? "fence" : "timeline");
	return 0;
}

int parse_sync_info(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	bool heading = false;
	struct text line;
	int err = 0;

	while (!err && text_line(&text, &line)) {
		struct ledger_item item = { .kind = LEDGER_FENCE, .minor = -1, .handles = -1 };

		if (text_equal(line, TEXT("objs:")))
			heading = true;
		if (!line.len || text_has_prefix(line, TEXT("---")) ||
		    text_equal(line, TEXT("objs:")))
			continue;
		/* "fences:" opens a second list, which no kernel of today fills. */
		if (text_equal(line, TEXT("fences:")))
			continue;
		if (!heading || parse_line(line, &item))
			status->refused++;
		else
			err = ledger_add(ledger, status, &item);
	}
	if (!heading)
		status->refused++;
	return err;
}
