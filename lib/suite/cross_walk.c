// SPDX-License-Identifier: MIT
#include "suite/cross_walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "suite/balance.h"
#include "suite/dmabuf_check.h"

enum kind {
	EXPORT,
	IMPORT,
	CLOSE,
	CLOSE_FILE,
	KINDS,
};

/* Steps are numbered by kind and file; the last one closes the newest fd. */
#define CLOSE_FD (KINDS * CROSS_FILES)

static struct drm_file *file_of(struct cross_walk *walk, unsigned int file)
{
	return file ? &walk->cross->importer[file - 1] : &walk->cross->exporter;
}

static bool has_handles(const struct cross_walk *walk)
{
	return walk->handle[0] || walk->handle[1] || walk->handle[2];
}

static int64_t count(const struct cross_walk *walk)
{
	int64_t count = walk->fds + (walk->handle[0] && walk->cached ? 2 : 0);

	for (unsigned int file = 1; file < CROSS_FILES; file++)
		count += walk->handle[file] ? 3 : 0;
	return count;
}

static bool possible(const struct cross_walk *walk, unsigned int step)
{
	unsigned int file = step % CROSS_FILES;

	if (step == CLOSE_FD)
		return walk->fds;
	if (!walk->open[file])
		return false;
	switch (step / CROSS_FILES) {
	case EXPORT:
		return !walk->only_closing && walk->handle[file] && walk->fds < CROSS_FDS;
	case IMPORT:
		return !walk->only_closing && walk->fds;
	case CLOSE:
		return walk->handle[file];
	case CLOSE_FILE: /* file j has nothing to close where it cannot import */
		return file < 2 || !walk->only_closing;
	}
	return false;
}

static int add_fd(struct cross_walk *walk, int fd, struct race_why *why)
{
	if (!walk->inode)
		walk->inode = dmabuf_inode(fd);
	walk->fd[walk->fds++] = fd;
	return dmabuf_check_inode(fd, walk->inode, why);
}

static int take_export(struct cross_walk *walk, unsigned int file, struct race_why *why)
{
	int fd, ret = __prime_handle_to_fd(file_of(walk, file), walk->handle[file], &fd);

	if (ret)
		return race_why(why, "export of handle %u: %s", walk->handle[file], strerror(-ret));
	walk->cached |= file == 0;
	return add_fd(walk, fd, why);
}

static int take_import(struct cross_walk *walk, unsigned int file, struct race_why *why)
{
	uint32_t handle = 0;
	int ret = __prime_fd_to_handle(file_of(walk, file), walk->fd[0], &handle);

	if (ret)
		return race_why(why, "import: %s", strerror(-ret));
	if (!handle)
		return race_why(why, "import gives handle 0, which stands for none");
	if (walk->handle[file] && handle != walk->handle[file])
		return race_why(why, "import gives handle %u, but the file has %u", handle,
				walk->handle[file]);
	walk->handle[file] = handle;
	walk->cached |= file == 0;
	return 0;
}

static int take_close(struct cross_walk *walk, unsigned int file, struct race_why *why)
{
	uint32_t handle = walk->handle[file];
	int ret = __gem_close(file_of(walk, file), handle);

	walk->handle[file] = 0;
	if (ret)
		return race_why(why, "GEM_CLOSE of handle %u: %s", handle, strerror(-ret));
	return 0;
}

static int take_close_file(struct cross_walk *walk, unsigned int file, struct race_why *why)
{
	drm_file_close(file_of(walk, file));
	walk->open[file] = false;
	walk->handle[file] = 0;
	return 0;
}

static int (*const takes[])(struct cross_walk *walk, unsigned int file, struct race_why *why) = {
	[EXPORT] = take_export,
	[IMPORT] = take_import,
	[CLOSE] = take_close,
	[CLOSE_FILE] = take_close_file,
};

static int check_gone(struct cross_walk *walk, struct race_why *why)
{
	int ret = balance_wait_gone(walk->inode);

	if (ret == -EBUSY)
		return race_why(why, "leak: neither fd nor handle is left, but the dma-buf is");
	walk->unseen = ret;
	return 0;
}

static int walk_take(void *ctx, unsigned int step, struct race_why *why)
{
	struct cross_walk *walk = ctx;
	int bad = 0;

	if (step == CLOSE_FD)
		close(walk->fd[--walk->fds]);
	else
		bad = takes[step / CROSS_FILES](walk, step % CROSS_FILES, why);
	if (bad)
		return bad;
	if (walk->fds)
		return dmabuf_check_count(walk->fd[0], count(walk),
					  "fds, 2 for the exporter's handle, 3 for each importer's",
					  why);
	return has_handles(walk) || walk->unseen ? 0 : check_gone(walk, why);
}

/* The importer exports what it has imported: that is the exporter's dma-buf again. */
static int try_reexport(struct cross_walk *walk, struct race_why *why)
{
	if (take_export(walk, 1, why))
		return -1;
	close(walk->fd[--walk->fds]);
	return 0;
}

static int start(struct cross_walk *walk, struct race_why *why)
{
	int fd, ret = __cross_create(walk->cross, GEM_SMALL, &walk->handle[0], &fd);

	if (ret)
		return race_why(why, "cannot create a buffer: %s", strerror(-ret));
	walk->cached = true;
	if (add_fd(walk, fd, why))
		return -1;
	if (walk->exports && (take_import(walk, 1, why) || try_reexport(walk, why)))
		return -1;
	while (walk->fds < walk->exports)
		if (take_export(walk, 0, why))
			return -1;
	return dmabuf_check_count(walk->fd[0], count(walk), "before the first step", why);
}

static int walk_begin(void *ctx, struct race_why *why)
{
	struct cross_walk *walk = ctx;
	int ret = cross_reopen(walk->cross);

	for (unsigned int file = 0; file < CROSS_FILES; file++) {
		walk->open[file] = file_of(walk, file)->fd >= 0;
		walk->handle[file] = 0;
	}
	walk->fds = 0;
	walk->inode = 0;
	if (ret)
		return race_why(why, "cannot open a device: %s", strerror(-ret));
	return start(walk, why);
}

static unsigned int walk_steps(void *ctx, unsigned int *ret_steps)
{
	struct cross_walk *walk = ctx;
	unsigned int count = 0;

	if (!has_handles(walk) && !walk->fds)
		return 0;
	for (unsigned int step = 0; step <= CLOSE_FD; step++)
		if (possible(walk, step))
			ret_steps[count++] = step;
	return count;
}

static int walk_end(void *ctx, struct race_why *why)
{
	struct cross_walk *walk = ctx;

	while (walk->fds)
		close(walk->fd[--walk->fds]);
	for (unsigned int file = 0; file < CROSS_FILES; file++)
		if (walk->handle[file] && take_close(walk, file, why))
			return -1;
	return 0;
}

static void walk_abandon(void *ctx)
{
	struct cross_walk *walk = ctx;

	for (unsigned int file = 0; file < CROSS_FILES; file++)
		file_of(walk, file)->fd = -1;
}

static void walk_text(unsigned int step, char *buf, size_t size)
{
	static const char *const kinds[] = {
		[EXPORT] = "export",
		[IMPORT] = "import",
		[CLOSE] = "close",
		[CLOSE_FILE] = "close-file",
	};

	buf[0] = '\0';
	if (step == CLOSE_FD)
		snprintf(buf, size, "close-fd");
	else if (step < CLOSE_FD)
		snprintf(buf, size, "%c.%s", "xij"[step % CROSS_FILES], kinds[step / CROSS_FILES]);
}

struct walk_subject cross_walk_subject(struct cross_walk *walk)
{
	return (struct walk_subject){
		.ctx = walk,
		.begin = walk_begin,
		.steps = walk_steps,
		.take = walk_take,
		.end = walk_end,
		.abandon = walk_abandon,
		.text = walk_text,
	};
}
