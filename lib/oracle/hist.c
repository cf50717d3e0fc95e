// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/hist.h"
#include "oracle/splat_title.h"

static int add_entry(struct hist *hist, const struct hist_entry *entry)
{
	if (hist->nr == hist->size) {
		size_t size = hist->size ? 2 * hist->size : 64;
		struct hist_entry *entries = reallocarray(hist->entries, size, sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		hist->entries = entries;
		hist->size = size;
	}
	hist->entries[hist->nr++] = *entry;
	return 0;
}

/* "sh              [       200]": a command may hold anything but ends where the number begins. */
static int parse_execname(struct text field, struct hist_entry *entry)
{
	const char *open = memrchr(field.p, '[', field.len);
	struct text pid;
	uint64_t value;

	if (!open || !text_has_suffix(field, TEXT("]")))
		return -EINVAL;
	pid = text_trim((struct text){ open + 1, field.p + field.len - 1 - (open + 1) });
	if (text_u64(pid, 10, &value) || value > INT_MAX)
		return -EINVAL;
	entry->pid = value;
	text_copy(text_trim((struct text){ field.p, open - field.p }), entry->comm,
		  sizeof(entry->comm));
	return 0;
}

/* "{ obj: 18446624345532440576, common_pid:        200, stacktrace:" or up to a "}" */
static int parse_keys(struct text line, struct hist_entry *entry)
{
	struct text field, name, word;

	while (text_field(&line, ',', &field)) {
		uint64_t value;

		field = text_trim(field);
		if (!text_field(&field, ':', &name))
			return -EINVAL;
		/* common_stacktrace since Linux 6.3 */
		if (text_has_suffix(name, TEXT("stacktrace")))
			return field.len ? -EINVAL : 0;
		field = text_trim(field);
		if (text_equal(name, TEXT("common_pid")) && text_has_suffix(field, TEXT("]"))) {
			if (parse_execname(field, entry))
				return -EINVAL;
			continue;
		}
		if (!text_word(&field, &word) || text_u64(word, 10, &value))
			return -EINVAL;
		if (text_equal(name, TEXT("obj")))
			entry->key = value;
		else if (text_equal(name, TEXT("common_pid")) && value <= INT_MAX)
			entry->pid = value;
		else if (!text_equal(name, TEXT("common_type")))
			return -EINVAL;
	}
	return 0;
}

/* "} hitcount:          1" */
static int parse_hits(struct text line, struct hist_entry *entry)
{
	struct text word;

	line = text_trim(line);
	if (!text_skip(&line, TEXT("hitcount:")) || !text_word(&line, &word))
		return -EINVAL;
	return text_u64(word, 10, &entry->hits);
}

/* "\tmax:      12345  common_pid:        200", below the entry it belongs to */
static bool parse_max(struct text line, struct hist *hist)
{
	struct text word;

	if (!text_skip(&line, TEXT("\tmax:")))
		return false;
	if (!hist->nr || !text_word(&line, &word) ||
	    text_u64(word, 10, &hist->entries[hist->nr - 1].last))
		hist->refused++;
	return true;
}

static bool parse_total(struct text line, struct text name, uint64_t *sum, bool *ret_ok)
{
	uint64_t value;

	if (!text_skip(&line, name))
		return false;
	*ret_ok = !text_u64(text_trim(line), 10, &value);
	if (*ret_ok)
		*sum += value;
	return true;
}

/* How the probe got there: stands above the function that was probed, or that returned. */
static bool is_probe(const char *function)
{
	static const char *const prefixes[] = {
		"kprobe_",      "kretprobe_",      "rethook_",           "arch_rethook_",
		"aggr_",        "opt_pre_handler", "optimized_callback", "trampoline_handler",
		"__kretprobe_", "arch_kretprobe_",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!strncmp(function, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return false;
}

static void take_frame(struct text line, struct hist_entry *entry)
{
	char module[32];

	if (entry->nr_frames < HIST_FRAMES &&
	    splat_frame(line, entry->frames[entry->nr_frames], sizeof(entry->frames[0]), module,
			sizeof(module)) &&
	    (entry->nr_frames || !is_probe(entry->frames[0])))
		entry->nr_frames++;
}

int hist_parse(struct text text, struct hist *hist)
{
	struct hist_entry entry = { 0 };
	bool open = false, ended = false, ok;
	uint64_t entries = 0;
	struct text line;

	while (text_line(&text, &line)) {
		const char *close = text_find(line, TEXT("}"));
		int err = 0;

		if (!line.len || line.p[0] == '#' || text_has_prefix(line, TEXT("Totals:")))
			continue;
		if (text_has_prefix(line, TEXT("{ "))) {
			struct text keys = { line.p + 2,
					     (close ? close : line.p + line.len) - line.p - 2 };

			hist->refused += open;
			entry = (struct hist_entry){ 0 };
			open = !parse_keys(keys, &entry);
			hist->refused += !open;
		} else if (parse_total(text_trim(line), TEXT("Hits:"), &hist->hits, &ok) ||
			   parse_total(text_trim(line), TEXT("Entries:"), &entries, &ok)) {
			hist->refused += !ok;
			continue;
		} else if (parse_total(text_trim(line), TEXT("Dropped:"), &hist->dropped, &ok)) {
			hist->refused += !ok;
			ended = ok;
			continue;
		} else if (!open && parse_max(line, hist)) {
			continue;
		} else if (open && !close) {
			take_frame(line, &entry);
			continue;
		}
		if (!close || !open)
			continue;
		open = false;
		if (parse_hits((struct text){ close + 1, line.p + line.len - close - 1 }, &entry))
			hist->refused++;
		else
			err = add_entry(hist, &entry);
		if (err)
			return err;
	}
	hist->refused += open || !ended;
	return 0;
}

void hist_finish(struct hist *hist)
{
	free(hist->entries);
	*hist = (struct hist){ 0 };
}
