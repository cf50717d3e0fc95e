// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle/parse.h"

int parse_driver_name(struct text text, char *buf, size_t size)
{
	struct text word;

	if (!text_line(&text, &text) || !text_word(&text, &word))
		return -EINVAL;
	/* The kernel prints it from the driver's own memory, which may be gone with the module. */
	for (size_t i = 0; i < word.len; i++) {
		if (!isalnum((unsigned char)word.p[i]) && word.p[i] != '_' && word.p[i] != '-')
			return -EINVAL;
	}
	text_copy(word, buf, size);
	return 0;
}

static struct ledger_item new_item(enum ledger_kind kind, const struct parse_device *device)
{
	struct ledger_item item = { .kind = kind, .minor = device->minor, .handles = -1 };

	snprintf(item.owner, sizeof(item.owner), "%s", device->driver);
	return item;
}

/* "%6d %8zd %7d %8d\n": name, size, handles, references. */
static int parse_name_row(struct text line, struct ledger_item *item)
{
	struct text name, size, handles, count, rest;

	if (!text_word(&line, &name) || !text_word(&line, &size) || !text_word(&line, &handles) ||
	    !text_word(&line, &count) || text_word(&line, &rest))
		return -EINVAL;
	if (text_u64(name, 10, &item->id) || text_u64(size, 10, &item->size) ||
	    text_i64(handles, &item->handles) || text_i64(count, &item->count))
		return -EINVAL;
	return 0;
}

int parse_gem_names(struct text text, const struct parse_device *device, struct ledger *ledger,
		    struct ledger_status *status)
{
	bool heading = false;
	struct text line;
	int err = 0;

	while (!err && text_line(&text, &line)) {
		struct ledger_item item = new_item(LEDGER_FLINK_NAME, device);

		if (!heading) {
			heading = true;
			if (!text_has_prefix(text_trim(line), TEXT("name ")))
				status->refused++;
			continue;
		}
		if (parse_name_row(line, &item))
			status->refused++;
		else
			err = ledger_add(ledger, status, &item);
	}
	if (!heading)
		status->refused++;
	return err;
}

/*
 * "%20s %5d %3d %c %c %5d %10u" and, from Linux 6.15, the client's name and id. A command may hold
 * blanks but is at most 15 characters long: it always fills exactly the first 20 columns.
 */
static int parse_client_row(struct text line, bool has_id, struct ledger_item *item)
{
	enum { TGID, DEV, MASTER, AUTH, UID, MAGIC, NAME, ID, NR };
	struct text word[NR] = { 0 };
	unsigned int words = has_id ? NR : NAME;
	uint64_t pid;

	if (line.len < 20)
		return -EINVAL;
	text_copy(text_trim((struct text){ line.p, 20 }), item->name, sizeof(item->name));
	line.p += 20;
	line.len -= 20;
	for (unsigned int i = 0; i < words; i++) {
		if (!text_word(&line, &word[i]))
			return -EINVAL;
	}
	if (text_word(&line, &(struct text){ 0 }) || text_u64(word[TGID], 10, &pid) ||
	    pid > INT32_MAX || (has_id && text_u64(word[ID], 10, &item->id)))
		return -EINVAL;
	item->pid = pid;
	return 0;
}

int parse_clients(struct text text, const struct parse_device *device, struct ledger *ledger,
		  struct ledger_status *status)
{
	bool heading = false, has_id = false;
	struct text line;
	int err = 0;

	while (!err && text_line(&text, &line)) {
		struct ledger_item item = new_item(LEDGER_DRM_FILE, device);

		if (!heading) {
			heading = true;
			line = text_trim(line);
			has_id = text_has_suffix(line, TEXT(" id"));
			if (!text_has_prefix(line, TEXT("command ")))
				status->refused++;
			continue;
		}
		if (parse_client_row(line, has_id, &item))
			status->refused++;
		else
			err = ledger_add(ledger, status, &item);
	}
	if (!heading)
		status->refused++;
	return err;
}

/* One block a framebuffer: "framebuffer[44]:", then "\tkey=value" lines; planes stand deeper. */
int parse_framebuffer(struct text text, const struct parse_device *device, struct ledger *ledger,
		      struct ledger_status *status)
{
	struct ledger_item item;
	bool open = false, counted = false;
	struct text line;
	int err = 0;

	while (!err && text_line(&text, &line)) {
		if (text_skip(&line, TEXT("framebuffer["))) {
			struct text id;

			if (open && counted)
				err = ledger_add(ledger, status, &item);
			else if (open)
				status->refused++;
			item = new_item(LEDGER_FRAMEBUFFER, device);
			counted = false;
			open = text_field(&line, ']', &id) && !text_u64(id, 10, &item.id);
			if (!open)
				status->refused++;
		} else if (!line.len || line.p[0] != '\t') {
			status->refused++;
		} else if (open && text_skip(&line, TEXT("\trefcount="))) {
			counted = !text_i64(line, &item.count);
		} else if (open && text_skip(&line, TEXT("\tallocated by = "))) {
			text_copy(line, item.name, sizeof(item.name));
		}
	}
	if (!err && open && counted)
		err = ledger_add(ledger, status, &item);
	else if (open)
		status->refused++;
	return err;
}
