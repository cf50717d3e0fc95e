// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oracle/fdlist.h"
#include "oracle/ledger.h"
#include "oracle/others.h"
#include "oracle/parse.h"

/* Where each kind is read: a kind counts only while its source could be read both times. */
static const enum ledger_source sources[LEDGER_NR_KINDS] = {
	[LEDGER_DMA_BUF] = LEDGER_BUFINFO,  [LEDGER_FLINK_NAME] = LEDGER_GEM_NAMES,
	[LEDGER_DRM_FILE] = LEDGER_CLIENTS, [LEDGER_FRAMEBUFFER] = LEDGER_FRAMEBUFFERS,
	[LEDGER_FENCE] = LEDGER_SYNC_INFO,  [LEDGER_MODULE] = LEDGER_MODULES,
	[LEDGER_FD] = LEDGER_FDS,           [LEDGER_OBJECTS] = LEDGER_DRIVER,
};

static bool comparable(const struct ledger *before, const struct ledger *after,
		       enum ledger_kind kind)
{
	return !before->status[sources[kind]].err && !after->status[sources[kind]].err;
}

static int add_change(struct ledger_diff *diff, enum ledger_change_kind kind,
		      const struct ledger_item *before, const struct ledger_item *after)
{
	struct ledger_change *changes = reallocarray(diff->changes, diff->nr_changes + 1,
						     sizeof(*changes));
	struct ledger_change *change;

	if (!changes)
		return -ENOMEM;
	diff->changes = changes;
	change = &changes[diff->nr_changes++];
	*change = (struct ledger_change){ .change = kind, .held_by_fd = -1 };
	if (before)
		change->before = *before;
	if (after)
		change->after = *after;
	return 0;
}

/* Both are sorted by identity; of several equal ones the surplus is the change. */
static int merge(const struct ledger *before, const struct ledger *after, struct ledger_diff *diff)
{
	size_t b = 0, a = 0;
	int err = 0;

	while (!err && (b < before->nr_items || a < after->nr_items)) {
		int order = b == before->nr_items ? 1
			    : a == after->nr_items
				    ? -1
				    : ledger_item_order(&before->items[b], &after->items[a]);
		const struct ledger_item *gone = order <= 0 ? &before->items[b++] : NULL;
		const struct ledger_item *there = order >= 0 ? &after->items[a++] : NULL;

		if (!comparable(before, after, there ? there->kind : gone->kind))
			continue;
		if (!there)
			err = add_change(diff, LEDGER_VANISHED, gone, NULL);
		else if (gone && (there->count > gone->count || there->handles > gone->handles))
			err = add_change(diff, LEDGER_GREW, gone, there);
		/* A module that was loaded meanwhile is no leak; a reference to it is. */
		else if (!gone && (there->kind != LEDGER_MODULE || there->count > 0))
			err = add_change(diff, LEDGER_APPEARED, NULL, there);
	}
	return err;
}

static void find_holder(struct ledger_change *change, const struct ledger *after, int procfd)
{
	const struct ledger_item *item = &change->after;
	char card[32];

	snprintf(card, sizeof(card), "/dev/dri/card%d", item->minor);
	for (size_t i = 0; i < after->nr_items; i++) {
		const struct ledger_item *fd = &after->items[i];

		if (fd->kind != LEDGER_FD)
			continue;
		if ((item->kind == LEDGER_DMA_BUF && fd->inode == item->inode &&
		     !strcmp(fd->owner, "dma-buf")) ||
		    (item->kind == LEDGER_DRM_FILE && item->pid == after->pid &&
		     !strcmp(fd->name, card)))
			change->held_by_fd = fd->id;
	}
	if (item->kind == LEDGER_DMA_BUF && change->held_by_fd < 0 && procfd >= 0)
		change->held_by_map = fdlist_is_mapped(procfd, after->pid, item->inode);
}

static enum ledger_attribution attribute(const struct ledger_change *change,
					 const struct others *others, const char *root, pid_t self)
{
	const struct ledger_item *item = &change->after;

	if (item->kind == LEDGER_FD || change->held_by_fd >= 0 || change->held_by_map)
		return LEDGER_OURS;
	if (item->pid) {
		enum others_relation rel = others_relation(root, item->pid, self);

		if (rel == OTHERS_KIN || rel == OTHERS_STRANGER)
			return rel == OTHERS_KIN ? LEDGER_OURS : LEDGER_NOT_OURS;
	}
	/* Without an owner the driver's own objects are among them. */
	if (item->kind == LEDGER_OBJECTS)
		return LEDGER_UNATTRIBUTED;
	if (item->kind == LEDGER_DMA_BUF && others_hold(others, item->inode))
		return LEDGER_NOT_OURS;
	if (item->kind == LEDGER_FRAMEBUFFER && !strcmp(item->name, "[fbcon]"))
		return LEDGER_NOT_OURS;
	if (item->minor >= 0)
		return others_on(others, item->minor) ? LEDGER_UNATTRIBUTED : LEDGER_OURS;
	return others_any(others) ? LEDGER_UNATTRIBUTED : LEDGER_OURS;
}

static int attribute_all(const char *root, const struct ledger *after, struct ledger_diff *diff)
{
	struct others others;
	char path[PATH_MAX];
	int procfd, err;

	err = others_find(root, after->pid, &others);
	if (err == -ENOMEM) {
		others_finish(&others);
		return err;
	}
	snprintf(path, sizeof(path), "%s/proc", root ? root : "");
	procfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	diff->other_users = others.users + others.unreadable;
	for (size_t i = 0; i < diff->nr_changes; i++) {
		struct ledger_change *change = &diff->changes[i];

		if (change->change == LEDGER_VANISHED)
			continue;
		find_holder(change, after, procfd);
		change->whose = attribute(change, &others, root, after->pid);
		diff->leaks += change->whose == LEDGER_OURS;
		diff->doubtful += change->whose == LEDGER_UNATTRIBUTED;
	}
	if (procfd >= 0)
		close(procfd);
	others_finish(&others);
	return 0;
}

static bool has_surplus(const struct ledger_diff *diff)
{
	for (size_t i = 0; i < diff->nr_changes; i++) {
		if (diff->changes[i].change != LEDGER_VANISHED)
			return true;
	}
	return false;
}

int ledger_compare(const struct ledger_opts *opts, const struct ledger *before,
		   const struct ledger *after, struct ledger_diff **ret)
{
	struct ledger_diff *diff = calloc(1, sizeof(*diff));
	int err;

	if (!diff)
		return -ENOMEM;
	memcpy(diff->before, before->status, sizeof(diff->before));
	memcpy(diff->after, after->status, sizeof(diff->after));
	err = merge(before, after, diff);
	if (!err && has_surplus(diff))
		err = attribute_all(opts ? opts->root : NULL, after, diff);
	if (err) {
		ledger_diff_free(diff);
		return err;
	}
	*ret = diff;
	return 0;
}

void ledger_diff_free(struct ledger_diff *diff)
{
	if (diff)
		free(diff->changes);
	free(diff);
}
