// SPDX-License-Identifier: MIT
#include "known/console.h"

#include "oracle/kmsg.h"

/* "    1.234567": seconds and microseconds since boot, as printk writes them. */
static int read_stamp(struct text stamp, uint64_t *ret)
{
	struct text seconds;
	uint64_t s, us;

	stamp = text_trim(stamp);
	if (!text_field(&stamp, '.', &seconds) || text_u64(seconds, 10, &s) ||
	    text_u64(stamp, 10, &us))
		return -1;
	for (size_t digits = stamp.len; digits < 6; digits++)
		us *= 10;
	*ret = s * 1000000 + us;
	return 0;
}

/* "[...]" and the blank behind it. */
static bool take_bracket(struct text *rest, struct text *ret)
{
	struct text inner = *rest;

	if (!text_skip(&inner, TEXT("[")) || !text_find(inner, TEXT("]")))
		return false;
	text_field(&inner, ']', ret);
	*rest = inner;
	text_skip(rest, TEXT(" "));
	return true;
}

static bool is_caller(struct text t)
{
	t = text_trim(t);
	return text_has_prefix(t, TEXT("T")) || text_has_prefix(t, TEXT("C"));
}

void console_record(const char *line, int len, struct kmsg_record *ret)
{
	struct text rest = { line, len }, part, level;
	struct kmsg_record record = { 0 };
	uint64_t number;

	part = rest;
	if (text_skip(&part, TEXT("<")) && text_find(part, TEXT("> ")) &&
	    text_field(&part, '>', &level) && !text_u64(level, 10, &number)) {
		record.level = number & 7;
		text_skip(&part, TEXT(" "));
		rest = part;
	}
	record.text = rest;
	if (take_bracket(&rest, &part) && !read_stamp(part, &record.time_us)) {
		record.text = rest;
		if (take_bracket(&rest, &part) && is_caller(part))
			record.text = rest;
	}
	*ret = record;
}
