// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "oracle/parse.h"

/* "%08zu\t%08x\t%08x\t%08ld\t%s\t%08lu\t%s\n": the name comes last and may hold anything. */
static int parse_row(struct text line, struct ledger_item *ret)
{
	struct text size, flags, mode, count, exporter, inode;
	uint64_t ignored;

	if (!text_field(&line, '\t', &size) || !text_field(&line, '\t', &flags) ||
	    !text_field(&line, '\t', &mode) || !text_field(&line, '\t', &count) ||
	    !text_field(&line, '\t', &exporter) || !text_field(&line, '\t', &inode))
		return -EINVAL;
	if (text_u64(size, 10, &ret->size) || text_u64(flags, 16, &ignored) ||
	    text_u64(mode, 16, &ignored) || text_i64(count, &ret->count) ||
	    text_u64(inode, 10, &ret->inode) || !exporter.len)
		return -EINVAL;
	ret->id = ret->inode;
	text_copy(exporter, ret->owner, sizeof(ret->owner));
	if (!text_equal(line, TEXT("<none>")))
		text_copy(line, ret->name, sizeof(ret->name));
	return 0;
}

/* "Total %d objects, %zu bytes", the last line: without it the text was cut off. */
static int parse_total(struct text line, uint64_t *ret)
{
	struct text word;

	if (!text_skip(&line, TEXT("Total ")) || !text_word(&line, &word) ||
	    !text_has_prefix(line, TEXT(" objects, ")))
		return -EINVAL;
	return text_u64(word, 10, ret);
}

int parse_bufinfo(struct text text, struct ledger *ledger, struct ledger_status *status)
{
	uint64_t total = UINT64_MAX, rows = 0;
	struct text line;

	while (text_line(&text, &line)) {
		struct ledger_item item = {
			.kind = LEDGER_DMA_BUF,
			.minor = -1,
			.handles = -1,
		};
		int err;

		/* Fences and attached devices of the row above, and the headings. */
		if (!line.len || line.p[0] == '\t' || !parse_total(line, &total) ||
		    text_has_prefix(line, TEXT("Total ")) || text_has_prefix(line, TEXT("size ")) ||
		    text_equal(line, TEXT("Dma-buf Objects:")))
			continue;
		if (parse_row(line, &item)) {
			status->refused++;
			continue;
		}
		rows++;
		err = ledger_add(ledger, status, &item);
		if (err)
			return err;
	}
	/* A buffer that could not be locked, or text that was cut off, makes the two differ. */
	if (rows != total)
		status->refused++;
	return 0;
}
