// SPDX-License-Identifier: MIT
/*
 * Drivers that count their objects themselves. Formats as in the source of Linux 6.1, 6.12 and 7.2;
 * xe has no such file: its debugfs tells of bytes in use, not of objects.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle/parse.h"

static struct ledger_item new_item(const struct parse_device *device)
{
	struct ledger_item item = { .kind = LEDGER_OBJECTS, .minor = device->minor, .handles = -1 };

	snprintf(item.owner, sizeof(item.owner), "%s", device->driver);
	return item;
}

/* "%u shrinkable [%u free] objects, %llu bytes" */
static int parse_shrinkable(struct text line, struct ledger_item *item)
{
	struct text count, free, bytes;
	uint64_t nr, nr_free;

	if (!text_has_suffix(line, TEXT(" bytes")))
		return -EINVAL;
	line.len -= strlen(" bytes");
	if (!text_word(&line, &count) || !text_skip(&line, TEXT(" shrinkable [")) ||
	    !text_word(&line, &free) || !text_skip(&line, TEXT(" free] objects, ")))
		return -EINVAL;
	bytes = line;
	if (text_u64(count, 10, &nr) || text_u64(free, 10, &nr_free) ||
	    text_u64(bytes, 10, &item->size) || nr > INT32_MAX)
		return -EINVAL;
	item->count = nr;
	return 0;
}

int parse_i915_gem_objects(struct text text, const struct parse_device *device,
			   struct ledger *ledger, struct ledger_status *status)
{
	struct ledger_item item = new_item(device);
	struct text line;

	/* The regions of memory below it tell of bytes. */
	if (!text_line(&text, &line) || parse_shrinkable(line, &item)) {
		status->refused++;
		return 0;
	}
	return item.count ? ledger_add(ledger, status, &item) : 0;
}

/* "pid %8d command %s:" */
static int parse_holder(struct text line, struct ledger_item *item)
{
	struct text word;
	uint64_t pid;

	if (!text_skip(&line, TEXT("pid ")) || !text_word(&line, &word) ||
	    text_u64(word, 10, &pid) || pid > INT32_MAX || !text_skip(&line, TEXT(" command ")) ||
	    !text_has_suffix(line, TEXT(":")))
		return -EINVAL;
	line.len--;
	item->pid = pid;
	text_copy(line, item->name, sizeof(item->name));
	return 0;
}

/* "\t\t0x%08x: %12lld byte PLACEMENT", and flags and fences behind it */
static int parse_object(struct text line, struct ledger_item *item)
{
	struct text handle, size, unit, placement;
	uint64_t nr, bytes;

	if (!text_skip(&line, TEXT("\t\t0x")) || !text_field(&line, ':', &handle) ||
	    text_u64(handle, 16, &nr) || !text_word(&line, &size) || text_u64(size, 10, &bytes) ||
	    !text_word(&line, &unit) || !text_equal(unit, TEXT("byte")) ||
	    !text_word(&line, &placement))
		return -EINVAL;
	item->count++;
	item->size += bytes;
	return 0;
}

/* The objects of a process, through however many drm files, are one item. */
static int add_holder(const struct ledger_item *item, struct ledger *ledger,
		      struct ledger_status *status)
{
	if (!item->count)
		return 0;
	for (size_t i = 0; i < ledger->nr_items; i++) {
		struct ledger_item *there = &ledger->items[i];

		if (there->kind == item->kind && there->minor == item->minor &&
		    there->pid == item->pid) {
			there->count += item->count;
			there->size += item->size;
			return 0;
		}
	}
	return ledger_add(ledger, status, item);
}

int parse_amdgpu_gem_info(struct text text, const struct parse_device *device,
			  struct ledger *ledger, struct ledger_status *status)
{
	struct ledger_item item = new_item(device);
	bool open = false;
	struct text line;
	int err = 0;

	while (!err && text_line(&text, &line)) {
		if (text_has_prefix(line, TEXT("pid "))) {
			if (open)
				err = add_holder(&item, ledger, status);
			item = new_item(device);
			open = !parse_holder(line, &item);
			status->refused += !open;
		} else if (text_has_prefix(line, TEXT("\t\t0x"))) {
			if (!open || parse_object(line, &item))
				status->refused++;
		} else if (line.len && !text_find(line, TEXT(" fence:"))) {
			/* 7.2 tells an object's fences from its own line on, up to an empty one */
			status->refused++;
		}
	}
	return !err && open ? add_holder(&item, ledger, status) : err;
}
