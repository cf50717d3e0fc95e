// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include "oracle/ledger.h"

static const char *const kind_names[LEDGER_NR_KINDS] = {
	[LEDGER_DMA_BUF] = "dma-buf",     [LEDGER_FLINK_NAME] = "flink name",
	[LEDGER_DRM_FILE] = "drm file",   [LEDGER_FRAMEBUFFER] = "framebuffer",
	[LEDGER_FENCE] = "sw_sync fence", [LEDGER_MODULE] = "module reference",
	[LEDGER_FD] = "file descriptor",  [LEDGER_OBJECTS] = "GEM objects",
};

static const char *const source_names[LEDGER_NR_SOURCES] = {
	[LEDGER_BUFINFO] = "dma_buf/bufinfo",
	[LEDGER_GEM_NAMES] = "dri/gem_names",
	[LEDGER_CLIENTS] = "dri/clients",
	[LEDGER_FRAMEBUFFERS] = "dri/framebuffer",
	[LEDGER_SYNC_INFO] = "sync/info",
	[LEDGER_MODULES] = "module refcnt",
	[LEDGER_FDS] = "proc fd",
	[LEDGER_DRIVER] = "the driver's own count",
};

const char *ledger_source_name(enum ledger_source source)
{
	return source_names[source];
}

static void describe(const struct ledger_item *item, FILE *out)
{
	switch (item->kind) {
	case LEDGER_DMA_BUF:
		fprintf(out, "inode %" PRIu64 ", exporter %s, %" PRIu64 " bytes", item->inode,
			item->owner, item->size);
		if (item->name[0])
			fprintf(out, ", \"%s\"", item->name);
		break;
	case LEDGER_FLINK_NAME:
		fprintf(out, "%" PRIu64 " of card%d (%s), %" PRIu64 " bytes, %" PRId64 " handle%s",
			item->id, item->minor, item->owner, item->size, item->handles,
			item->handles == 1 ? "" : "s");
		break;
	case LEDGER_DRM_FILE:
		fprintf(out, "on card%d (%s), opened by %s, pid %d", item->minor, item->owner,
			item->name, item->pid);
		break;
	case LEDGER_FRAMEBUFFER:
		fprintf(out, "id %" PRIu64 " of card%d (%s), made by %s", item->id, item->minor,
			item->owner, item->name);
		break;
	case LEDGER_FENCE:
		fprintf(out, "%s %s", item->owner, item->name);
		break;
	case LEDGER_MODULE:
		fprintf(out, "on %s", item->owner);
		break;
	case LEDGER_FD:
		fprintf(out, "%" PRIu64 ", a %s (%s)", item->id, item->owner, item->name);
		break;
	case LEDGER_OBJECTS:
		fprintf(out, "of card%d as %s counts them, %" PRIu64 " bytes", item->minor,
			item->owner, item->size);
		if (item->pid)
			fprintf(out, ", of %s, pid %d", item->name, item->pid);
		break;
	default:
		break;
	}
}

static void describe_change(const struct ledger_change *change, FILE *out)
{
	const struct ledger_item *item = change->change == LEDGER_VANISHED ? &change->before
									   : &change->after;

	fprintf(out, "%s ", kind_names[item->kind]);
	describe(item, out);
	if (change->change == LEDGER_GREW) {
		fprintf(out, ": %s%" PRId64 " -> %" PRId64,
			item->kind == LEDGER_OBJECTS ? "" : "references ", change->before.count,
			change->after.count);
		if (change->after.handles > change->before.handles)
			fprintf(out, ", handles %" PRId64 " -> %" PRId64, change->before.handles,
				change->after.handles);
	} else if (item->kind == LEDGER_OBJECTS) {
		fprintf(out, ": %" PRId64, item->count);
	} else if (item->kind != LEDGER_FD && item->kind != LEDGER_DRM_FILE) {
		fprintf(out, ", %" PRId64 " reference%s", item->count, item->count == 1 ? "" : "s");
	}
	if (change->change == LEDGER_VANISHED || item->kind == LEDGER_FD)
		return;
	if (change->held_by_fd >= 0)
		fprintf(out, "; still open as fd %d", change->held_by_fd);
	else if (change->held_by_map)
		fprintf(out, "; still mapped");
	else if (item->kind == LEDGER_DMA_BUF)
		fprintf(out, "; no fd or mapping of this process holds it");
}

void ledger_change_text(const struct ledger_change *change, char *buf, size_t size)
{
	FILE *out;

	buf[0] = '\0';
	out = fmemopen(buf, size, "w");
	if (!out)
		return;
	describe_change(change, out);
	fclose(out);
	buf[size - 1] = '\0';
}

static void list_changes(const struct ledger_diff *diff, enum ledger_attribution whose,
			 const char *heading, FILE *out)
{
	for (size_t i = 0; i < diff->nr_changes; i++) {
		const struct ledger_change *change = &diff->changes[i];

		if (!ledger_change_is(change, whose))
			continue;
		fprintf(out, "%s: ", heading);
		describe_change(change, out);
		fputc('\n', out);
	}
}

static const char *trigger(const struct ledger_diff *diff)
{
	if (diff->used_rcu_barrier)
		return ", RCU barriers between them";
	return diff->used_membarrier ? ", RCU grace periods between them" : "";
}

static void list_sources(const struct ledger_diff *diff, FILE *out)
{
	const char *separator = "read: ";

	for (int i = 0; i < LEDGER_NR_SOURCES; i++) {
		if (diff->before[i].err || diff->after[i].err)
			continue;
		fprintf(out, "%s%s", separator, source_names[i]);
		separator = ", ";
	}
	separator = "; not available: ";
	for (int i = 0; i < LEDGER_NR_SOURCES; i++) {
		int err = diff->before[i].err ? diff->before[i].err : diff->after[i].err;

		if (!err || i == LEDGER_DRIVER)
			continue;
		fprintf(out, "%s%s (%s)", separator, source_names[i], strerror(-err));
		separator = ", ";
	}
	for (int i = 0; i < LEDGER_NR_SOURCES; i++) {
		if (diff->after[i].refused)
			fprintf(out, "; %s: %u lines not understood", source_names[i],
				diff->after[i].refused);
	}
	fputc('\n', out);
}

void ledger_report(const struct ledger_diff *diff, FILE *out)
{
	list_changes(diff, LEDGER_OURS, "leaked", out);
	list_changes(diff, LEDGER_UNATTRIBUTED, "perhaps leaked (others use DRM here)", out);
	if (diff->leaks || diff->doubtful)
		fprintf(out, "looked %u times in %u ms%s\n", diff->looks, diff->waited_ms,
			trigger(diff));
	list_sources(diff, out);
}
