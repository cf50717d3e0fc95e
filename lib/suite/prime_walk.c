// SPDX-License-Identifier: MIT
#include "suite/prime_walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "suite/dmabuf_check.h"

static unsigned int number(struct prime_step step)
{
	return (step.kind * PRIME_FILES + step.file) * PRIME_HANDLES + step.slot;
}

static struct prime_step step_of(unsigned int number)
{
	return (struct prime_step){
		.kind = number / PRIME_HANDLES / PRIME_FILES,
		.file = number / PRIME_HANDLES % PRIME_FILES,
		.slot = number % PRIME_HANDLES,
	};
}

static int newest_fd(const struct prime_walk *walk)
{
	return walk->fd[walk->model.fds - 1];
}

/* Closed means that its handles are gone, at once. */
static int reopen(struct prime_walk *walk, unsigned int file)
{
	drm_file_close(&walk->files[file]);
	return __drm_file_open(&drm_io_kernel, walk->device->primary, &walk->files[file]);
}

static struct prime_seen take(struct prime_walk *walk, struct prime_step step)
{
	const struct drm_file *file = &walk->files[step.file];
	uint32_t handle = walk->model.handle[step.file][step.slot].handle;
	int *fd = &walk->fd[walk->model.fds];
	struct prime_seen seen = { 0 };

	switch (step.kind) {
	case PRIME_EXPORT:
		seen.ret = __prime_handle_to_fd(file, handle, fd);
		if (!seen.ret)
			seen.inode = dmabuf_inode(*fd);
		break;
	case PRIME_IMPORT:
		seen.ret = __prime_fd_to_handle(file, newest_fd(walk), &seen.handle);
		break;
	case PRIME_FLINK:
		seen.ret = __gem_flink(file, handle, &seen.name);
		break;
	case PRIME_OPEN:
		seen.ret = __gem_open(file, walk->model.name, &seen.handle, NULL);
		break;
	case PRIME_CLOSE:
		seen.ret = __gem_close(file, handle);
		break;
	case PRIME_CLOSE_FD:
		seen.ret = close(newest_fd(walk)) ? -errno : 0;
		break;
	case PRIME_CLOSE_FILE:
		seen.ret = reopen(walk, step.file);
		break;
	}
	return seen;
}

/* All fds lead to one dma-buf, so one of them tells the count, which is @made_of. */
static int check_dmabuf(const struct prime_walk *walk, const char *made_of, struct race_why *why)
{
	for (unsigned int i = 0; i < walk->model.fds; i++)
		if (dmabuf_check_inode(walk->fd[i], walk->model.inode, why))
			return -1;
	if (!walk->model.fds)
		return 0;
	return dmabuf_check_count(walk->fd[0], prime_model_count(&walk->model), made_of, why);
}

/* The ways to the object through one handle, none of which changes what the model knows. */
static int try_handle(const struct prime_walk *walk, unsigned int file, unsigned int slot,
		      struct race_why *why)
{
	const struct prime_model_handle *entry = &walk->model.handle[file][slot];
	uint32_t name = 0;
	int fd, bad, ret;

	if (walk->model.name_alive) {
		ret = __gem_flink(&walk->files[file], entry->handle, &name);
		if (ret || name != walk->model.name)
			return race_why(why, "at the end: handle %u has the name %u instead of %u",
					entry->handle, name, walk->model.name);
	}
	if (!entry->cached)
		return 0;
	ret = __prime_handle_to_fd(&walk->files[file], entry->handle, &fd);
	if (ret)
		return race_why(why, "at the end: export of handle %u: %s", entry->handle,
				strerror(-ret));
	bad = dmabuf_check_inode(fd, walk->model.inode, why);
	close(fd);
	return bad;
}

static int try_name(const struct prime_walk *walk, struct race_why *why)
{
	uint32_t handle;
	int ret;

	if (!walk->model.name)
		return 0;
	ret = __gem_open(&walk->files[0], walk->model.name, &handle, NULL);
	if (!ret)
		__gem_close(&walk->files[0], handle);
	if (ret == (walk->model.name_alive ? 0 : -ENOENT))
		return 0;
	return race_why(why, "at the end: opening the %s name %u gives %s",
			walk->model.name_alive ? "object's" : "object's former", walk->model.name,
			ret ? strerror(-ret) : "a handle");
}

static int try_all(const struct prime_walk *walk, struct race_why *why)
{
	for (unsigned int file = 0; file < PRIME_FILES; file++)
		for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
			if (walk->model.handle[file][slot].handle &&
			    try_handle(walk, file, slot, why))
				return -1;
	if (try_name(walk, why))
		return -1;
	return check_dmabuf(walk, "at the end, each way to it tried once more", why);
}

static int walk_begin(void *ctx, struct race_why *why)
{
	struct prime_walk *walk = ctx;
	uint32_t handle = 0;
	int ret = __gem_create(&walk->files[0], GEM_SMALL, &handle);

	prime_model_init(&walk->model, handle);
	return ret ? race_why(why, "cannot create a buffer: %s", strerror(-ret)) : 0;
}

static unsigned int walk_steps(void *ctx, unsigned int *ret_steps)
{
	struct prime_walk *walk = ctx;
	struct prime_step steps[PRIME_MAX_STEPS];
	unsigned int count = (unsigned int)prime_model_steps(&walk->model, steps);

	for (unsigned int i = 0; i < count; i++)
		ret_steps[i] = number(steps[i]);
	return count;
}

static int walk_take(void *ctx, unsigned int number, struct race_why *why)
{
	struct prime_walk *walk = ctx;
	struct prime_step step = step_of(number);
	uint32_t handle = walk->model.handle[step.file][step.slot].handle;
	struct prime_seen seen = take(walk, step);

	if (prime_model_take(&walk->model, step, &seen, why->text, sizeof(why->text)))
		return -1;
	if (step.kind == PRIME_CLOSE && __gem_close(&walk->files[step.file], handle) != -EINVAL)
		return race_why(why, "the closed handle %u can be closed again", handle);
	return check_dmabuf(walk,
			    walk->model.linked ? "fds, the object's link, caches"
					       : "only fds, as there is no handle",
			    why);
}

static int walk_end(void *ctx, struct race_why *why)
{
	struct prime_walk *walk = ctx;

	if (try_all(walk, why))
		return -1;
	for (unsigned int file = 0; file < PRIME_FILES; file++)
		for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++) {
			uint32_t handle = walk->model.handle[file][slot].handle;
			int ret = handle ? __gem_close(&walk->files[file], handle) : 0;

			if (ret)
				return race_why(why, "at the end: GEM_CLOSE of handle %u: %s",
						handle, strerror(-ret));
		}
	if (walk->model.fds &&
	    dmabuf_check_count(walk->fd[0], walk->model.fds, "at the end only the fds", why))
		return -1;
	for (unsigned int i = 0; i < walk->model.fds; i++)
		close(walk->fd[i]);
	return 0;
}

static void walk_abandon(void *ctx)
{
	struct prime_walk *walk = ctx;

	for (unsigned int file = 0; file < PRIME_FILES; file++)
		drm_file_open(walk->device, &walk->files[file]);
}

static void walk_text(unsigned int number, char *buf, size_t size)
{
	buf[0] = '\0';
	if (step_of(number).kind <= PRIME_CLOSE_FILE)
		prime_step_text(step_of(number), buf, size);
}

void prime_walk_init(struct prime_walk *walk, const struct drm_device *device)
{
	*walk = (struct prime_walk){ .device = device };
	for (unsigned int file = 0; file < PRIME_FILES; file++)
		drm_file_open(device, &walk->files[file]);
	drm_require_buffers(&walk->files[0]);
	drm_require_flink(&walk->files[0]);
	drm_require_prime(&walk->files[0]);
}

void prime_walk_finish(struct prime_walk *walk)
{
	for (unsigned int file = 0; file < PRIME_FILES; file++)
		drm_file_close(&walk->files[file]);
}

struct walk_subject prime_walk_subject(struct prime_walk *walk)
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
