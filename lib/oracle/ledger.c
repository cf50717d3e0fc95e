// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "oracle/fdlist.h"
#include "oracle/ledger.h"
#include "oracle/parse.h"

/* Minors from 64 on are the control (gone since 4.18) and render nodes of the same devices. */
#define PRIMARY_MINORS 64

int ledger_add(struct ledger *ledger, struct ledger_status *status, const struct ledger_item *item)
{
	if (ledger->nr_items == ledger->size_items) {
		size_t size = ledger->size_items ? 2 * ledger->size_items : 32;
		struct ledger_item *items = reallocarray(ledger->items, size, sizeof(*items));

		if (!items)
			return -ENOMEM;
		ledger->items = items;
		ledger->size_items = size;
	}
	ledger->items[ledger->nr_items++] = *item;
	status->items++;
	return 0;
}

static int open_below(const char *root, const char *path)
{
	char full[PATH_MAX];
	int fd;

	if (snprintf(full, sizeof(full), "%s%s", root ? root : "", path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* One whole list through one parser; a list that is not there only marks its source. */
static int take_list(int debugfd, const char *path, enum ledger_source source,
		     int (*parse)(struct text, struct ledger *, struct ledger_status *),
		     struct ledger *ledger)
{
	struct ledger_status *status = &ledger->status[source];
	size_t len;
	char *buf;
	int err;

	status->err = text_read_at(debugfd, path, &buf, &len);
	if (status->err)
		return status->err == -ENOMEM ? -ENOMEM : 0;
	err = parse((struct text){ buf, len }, ledger, status);
	free(buf);
	return err;
}

static const struct {
	enum ledger_source source;
	const char *file;
	int (*parse)(struct text text, const struct parse_device *device, struct ledger *ledger,
		     struct ledger_status *status);
	const char *driver; /* whose file it is; NULL: each one's */
} device_lists[] = {
	{ LEDGER_GEM_NAMES, "gem_names", parse_gem_names, NULL },
	{ LEDGER_CLIENTS, "clients", parse_clients, NULL },
	{ LEDGER_FRAMEBUFFERS, "framebuffer", parse_framebuffer, NULL },
	{ LEDGER_DRIVER, "i915_gem_objects", parse_i915_gem_objects, "i915" },
	{ LEDGER_DRIVER, "amdgpu_gem_info", parse_amdgpu_gem_info, "amdgpu" },
};

#define NR_DEVICE_LISTS (sizeof(device_lists) / sizeof(device_lists[0]))

static int take_device(int drifd, int minor, struct ledger *ledger)
{
	struct parse_device device = { .minor = minor, .driver = "?" };
	char path[32], *buf;
	size_t len;
	int err = 0;

	snprintf(path, sizeof(path), "%d/name", minor);
	if (!text_read_at(drifd, path, &buf, &len)) {
		parse_driver_name((struct text){ buf, len }, device.driver, sizeof(device.driver));
		free(buf);
	}
	for (size_t i = 0; !err && i < NR_DEVICE_LISTS; i++) {
		struct ledger_status *status = &ledger->status[device_lists[i].source];
		int missing;

		if (device_lists[i].driver && strcmp(device_lists[i].driver, device.driver))
			continue;
		snprintf(path, sizeof(path), "%d/%s", minor, device_lists[i].file);
		missing = text_read_at(drifd, path, &buf, &len);
		/* A device without KMS has no framebuffers; that is an answer too. */
		if (missing == -ENOENT && device_lists[i].source == LEDGER_FRAMEBUFFERS)
			status->err = 0;
		if (missing == -ENOMEM)
			return -ENOMEM;
		if (missing)
			continue;
		status->err = 0;
		err = device_lists[i].parse((struct text){ buf, len }, &device, ledger, status);
		free(buf);
	}
	return err;
}

static int take_devices(int debugfd, struct ledger *ledger)
{
	int drifd = openat(debugfd, "dri", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int why = drifd < 0 ? -errno : -ENOENT;
	struct dirent *dent;
	int err = 0;
	DIR *dir;

	for (size_t i = 0; i < NR_DEVICE_LISTS; i++)
		ledger->status[device_lists[i].source].err = why;
	if (drifd < 0)
		return 0;
	dir = fdopendir(drifd);
	if (!dir) {
		close(drifd);
		return -ENOMEM;
	}
	while (!err && (dent = readdir(dir))) {
		uint64_t minor;

		if (!text_u64((struct text){ dent->d_name, strlen(dent->d_name) }, 10, &minor) &&
		    minor < PRIMARY_MINORS)
			err = take_device(drifd, minor, ledger);
	}
	closedir(dir);
	return err;
}

static unsigned int count_entries(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	unsigned int nr = 0;
	struct dirent *dent;

	if (!dir)
		return 0;
	while ((dent = readdir(dir)))
		nr += dent->d_name[0] != '.';
	closedir(dir);
	return nr;
}

/*
 * A module that uses another holds a reference too and is listed in its holders: what is left
 * after those comes from open files, dma-bufs and the like.
 */
static int take_module(int modfd, const char *name, struct ledger *ledger)
{
	struct ledger_item item = { .kind = LEDGER_MODULE, .minor = -1, .handles = -1 };
	struct ledger_status *status = &ledger->status[LEDGER_MODULES];
	char path[300], *buf;
	struct text text;
	size_t len;
	int err;

	snprintf(path, sizeof(path), "%s/refcnt", name);
	err = text_read_at(modfd, path, &buf, &len);
	if (err)
		return err == -ENOMEM ? err : 0; /* built in, or gone meanwhile */
	text = (struct text){ buf, len };
	if (text_line(&text, &text))
		err = text_i64(text, &item.count);
	else
		err = -EINVAL;
	free(buf);
	if (err) {
		status->refused++;
		return 0;
	}
	snprintf(path, sizeof(path), "%s/holders", name);
	item.count -= count_entries(modfd, path);
	snprintf(item.owner, sizeof(item.owner), "%.31s", name);
	return ledger_add(ledger, status, &item);
}

/* The modules that can hold GPU objects: drm, whatever uses it, and udmabuf. */
static int take_modules(const char *root, struct ledger *ledger)
{
	struct ledger_status *status = &ledger->status[LEDGER_MODULES];
	int modfd = open_below(root, "/sys/module");
	struct dirent *dent;
	int fd, err = 0;
	DIR *dir;

	if (modfd < 0) {
		status->err = modfd;
		return 0;
	}
	err = take_module(modfd, "drm", ledger);
	if (!err)
		err = take_module(modfd, "udmabuf", ledger);
	fd = openat(modfd, "drm/holders", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (!err && dir && (dent = readdir(dir))) {
		if (dent->d_name[0] != '.')
			err = take_module(modfd, dent->d_name, ledger);
	}
	if (dir)
		closedir(dir);
	if (!status->items && !status->refused)
		status->err = -ENOENT;
	close(modfd);
	return err;
}

static int take_fd(const struct fdlist_entry *entry, void *data)
{
	struct ledger *ledger = data;
	struct ledger_item item = {
		.kind = LEDGER_FD,
		.minor = -1,
		.handles = -1,
		.count = 1,
		.pid = ledger->pid,
		.id = entry->fd,
		.inode = entry->inode,
	};

	snprintf(item.owner, sizeof(item.owner), "%s", entry->what);
	text_copy(entry->target, item.name, sizeof(item.name));
	return ledger_add(ledger, &ledger->status[LEDGER_FDS], &item);
}

static int take_fds(const char *root, struct ledger *ledger)
{
	int procfd = open_below(root, "/proc");
	int err = procfd < 0 ? procfd : fdlist_walk(procfd, ledger->pid, take_fd, ledger);

	if (procfd >= 0)
		close(procfd);
	ledger->status[LEDGER_FDS].err = err;
	return err == -ENOMEM ? err : 0;
}

static int take_debugfs(const char *root, struct ledger *ledger)
{
	int debugfd = open_below(root, "/sys/kernel/debug");
	int err;

	if (debugfd < 0) {
		for (int i = LEDGER_BUFINFO; i <= LEDGER_SYNC_INFO; i++)
			ledger->status[i].err = debugfd;
		ledger->status[LEDGER_DRIVER].err = debugfd;
		return 0;
	}
	err = take_list(debugfd, "dma_buf/bufinfo", LEDGER_BUFINFO, parse_bufinfo, ledger);
	if (!err)
		err = take_list(debugfd, "sync/info", LEDGER_SYNC_INFO, parse_sync_info, ledger);
	if (!err)
		err = take_devices(debugfd, ledger);
	close(debugfd);
	return err;
}

/* What stays the same as long as the object lives; a client's command or a buffer's name do not. */
int ledger_item_order(const void *left, const void *right)
{
	const struct ledger_item *a = left, *b = right;
	int order;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	order = strcmp(a->owner, b->owner);
	if (order)
		return order;
	if (a->kind == LEDGER_FD && a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->kind == LEDGER_FENCE ? strcmp(a->name, b->name) : 0;
}

int ledger_take(const struct ledger_opts *opts, struct ledger **ret)
{
	const char *root = opts ? opts->root : NULL;
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	struct timespec now;
	int err;

	if (!ledger)
		return -ENOMEM;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ledger->taken_us = now.tv_sec * 1000000ull + now.tv_nsec / 1000;
	ledger->pid = opts && opts->pid ? opts->pid : getpid();

	err = take_debugfs(root, ledger);
	if (!err)
		err = take_modules(root, ledger);
	if (!err)
		err = take_fds(root, ledger);
	if (err) {
		ledger_free(ledger);
		return err;
	}
	if (ledger->nr_items)
		qsort(ledger->items, ledger->nr_items, sizeof(*ledger->items), ledger_item_order);
	*ret = ledger;
	return 0;
}

void ledger_free(struct ledger *ledger)
{
	if (ledger)
		free(ledger->items);
	free(ledger);
}
