// SPDX-License-Identifier: MIT
#include "suite/prime_walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"

struct walker {
	struct drm_file *files;
	struct prime_model model;
	int fd[PRIME_FDS];
};

static int newest_fd(const struct walker *walker)
{
	return walker->fd[walker->model.fds - 1];
}

static struct prime_seen take(struct walker *walker, struct prime_step step)
{
	const struct drm_file *file = &walker->files[step.file];
	uint32_t handle = walker->model.handle[step.file][step.slot].handle;
	int *fd = &walker->fd[walker->model.fds];
	struct prime_seen seen = { 0 };

	switch (step.kind) {
	case PRIME_EXPORT:
		seen.ret = __prime_handle_to_fd(file, handle, fd);
		if (!seen.ret)
			seen.inode = dmabuf_inode(*fd);
		break;
	case PRIME_IMPORT:
		seen.ret = __prime_fd_to_handle(file, newest_fd(walker), &seen.handle);
		break;
	case PRIME_FLINK:
		seen.ret = __gem_flink(file, handle, &seen.name);
		break;
	case PRIME_OPEN:
		seen.ret = __gem_open(file, walker->model.name, &seen.handle, NULL);
		break;
	case PRIME_CLOSE:
		seen.ret = __gem_close(file, handle);
		break;
	case PRIME_CLOSE_FD:
		seen.ret = close(newest_fd(walker)) ? -errno : 0;
		break;
	}
	return seen;
}

static void note(struct prime_walk *walk, struct prime_step step)
{
	size_t length = strlen(walk->text);
	char word[32];

	prime_step_text(step, word, sizeof(word));
	snprintf(walk->text + length, sizeof(walk->text) - length, " %s", word);
}

static void check_dmabuf(const struct walker *walker, const struct prime_walk *walk)
{
	struct dmabuf_info info;

	for (unsigned int i = 0; i < walker->model.fds; i++) {
		dmabuf_info(walker->fd[i], &info);
		igt_assert_f(info.inode == walker->model.inode,
			     "after%s: inode %" PRIu64 " instead of %" PRIu64 "\n", walk->text,
			     info.inode, walker->model.inode);
		igt_assert_f(info.count == prime_model_count(&walker->model),
			     "after%s: the dma-buf has %" PRId64 " references instead of %" PRId64
			     " (%u fds, object's link: %s)\n",
			     walk->text, info.count, prime_model_count(&walker->model),
			     walker->model.fds, walker->model.linked ? "yes" : "no");
	}
}

static void clean_up(struct walker *walker)
{
	for (unsigned int file = 0; file < PRIME_FILES; file++)
		for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
			if (walker->model.handle[file][slot].handle)
				gem_close(&walker->files[file],
					  walker->model.handle[file][slot].handle);
	for (unsigned int i = 0; i < walker->model.fds; i++)
		close(walker->fd[i]);
}

void prime_walk_take(struct drm_file *files, struct prime_walk *walk)
{
	struct walker walker = { .files = files };
	struct prime_step steps[PRIME_MAX_STEPS];
	struct prime_seen seen;
	char why[160];

	prime_model_init(&walker.model, gem_create(&files[0], GEM_SMALL));
	snprintf(walk->text, sizeof(walk->text), " a.create");
	for (walk->taken = 0; walk->taken < walk->length; walk->taken++) {
		unsigned int possible = prime_model_steps(&walker.model, steps);
		struct prime_step step;

		if (!possible)
			return;
		walk->possible[walk->taken] = possible;
		step = steps[walk->choice[walk->taken] % possible];
		note(walk, step);
		seen = take(&walker, step);
		igt_assert_f(!prime_model_take(&walker.model, step, &seen, why, sizeof(why)),
			     "after%s: %s\n", walk->text, why);
		check_dmabuf(&walker, walk);
	}
	clean_up(&walker);
}

bool prime_walk_next(struct prime_walk *walk)
{
	unsigned int at = walk->taken;

	while (at && walk->choice[at - 1] + 1 >= walk->possible[at - 1])
		at--;
	if (!at)
		return false;
	walk->choice[at - 1]++;
	memset(&walk->choice[at], 0, sizeof(walk->choice) - at * sizeof(walk->choice[0]));
	return true;
}
