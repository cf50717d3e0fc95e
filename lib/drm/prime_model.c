// SPDX-License-Identifier: MIT
#include "drm/prime_model.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void prime_model_init(struct prime_model *model, uint32_t handle)
{
	*model = (struct prime_model){ 0 };
	model->handle[0][0].handle = handle;
}

static unsigned int count_handles(const struct prime_model *model, unsigned int file)
{
	unsigned int count = 0;

	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
		count += model->handle[file][slot].handle != 0;
	return count;
}

static unsigned int count_cached(const struct prime_model *model, unsigned int file)
{
	unsigned int count = 0;

	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
		count += model->handle[file][slot].cached;
	return count;
}

static bool has_handles(const struct prime_model *model)
{
	return count_handles(model, 0) + count_handles(model, 1) > 0;
}

static bool possible(const struct prime_model *model, struct prime_step step)
{
	bool live = model->handle[step.file][step.slot].handle;
	bool room = count_handles(model, step.file) < PRIME_HANDLES;
	bool alive = has_handles(model) || model->fds;

	switch (step.kind) {
	case PRIME_EXPORT:
		return live && model->fds < PRIME_FDS;
	case PRIME_IMPORT:
		return step.slot == 0 && model->fds && (room || count_cached(model, step.file));
	case PRIME_FLINK:
	case PRIME_CLOSE:
		return live;
	case PRIME_OPEN:
		return step.slot == 0 && alive && model->name && room;
	case PRIME_CLOSE_FD:
		return step.file == 0 && step.slot == 0 && model->fds;
	case PRIME_CLOSE_FILE:
		return step.slot == 0 && count_handles(model, step.file);
	}
	return false;
}

size_t prime_model_steps(const struct prime_model *model, struct prime_step *ret_steps)
{
	size_t count = 0;

	for (int kind = PRIME_EXPORT; kind <= PRIME_CLOSE_FILE; kind++)
		for (unsigned int file = 0; file < PRIME_FILES; file++)
			for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++) {
				struct prime_step step = { kind, file, slot };

				if (possible(model, step))
					ret_steps[count++] = step;
			}
	return count;
}

struct why {
	char *text;
	size_t size;
};

static int broken(struct why why, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int broken(struct why why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why.text, why.size, format, args);
	va_end(args);
	return -1;
}

static int expect_ret(const struct prime_seen *seen, int want, struct why why)
{
	if (seen->ret == want)
		return 0;
	return broken(why, "%s instead of %s", seen->ret ? strerror(-seen->ret) : "success",
		      want ? strerror(-want) : "success");
}

static bool in_use(const struct prime_model *model, unsigned int file, uint32_t handle)
{
	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
		if (model->handle[file][slot].handle == handle)
			return true;
	return false;
}

static int add_handle(struct prime_model *model, unsigned int file, uint32_t handle, bool cached,
		      struct why why)
{
	if (!handle)
		return broken(why, "handle 0, which stands for none");
	if (in_use(model, file, handle))
		return broken(why, "handle %u, which is in use already", handle);
	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++) {
		struct prime_model_handle *free = &model->handle[file][slot];

		if (free->handle)
			continue;
		*free = (struct prime_model_handle){ handle, cached };
		break;
	}
	return 0;
}

static int take_export(struct prime_model *model, struct prime_step step,
		       const struct prime_seen *seen, struct why why)
{
	if (expect_ret(seen, 0, why))
		return -1;
	if (model->inode && seen->inode != model->inode)
		return broken(why,
			      "a second dma-buf of one object: inode %" PRIu64
			      ", the first has %" PRIu64,
			      seen->inode, model->inode);
	model->inode = seen->inode;
	model->handle[step.file][step.slot].cached = true;
	model->linked = true;
	model->fds++;
	return 0;
}

/* A file that has the dma-buf in its cache gives the handle it has; with two, one of them. */
static int take_import(struct prime_model *model, struct prime_step step,
		       const struct prime_seen *seen, struct why why)
{
	if (expect_ret(seen, 0, why))
		return -1;
	model->linked = true;
	if (!count_cached(model, step.file))
		return add_handle(model, step.file, seen->handle, true, why);
	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
		if (model->handle[step.file][slot].cached &&
		    model->handle[step.file][slot].handle == seen->handle)
			return 0;
	return broken(why, "handle %u instead of one the file has for this dma-buf", seen->handle);
}

static int take_flink(struct prime_model *model, struct prime_step step,
		      const struct prime_seen *seen, struct why why)
{
	if (expect_ret(seen, 0, why))
		return -1;
	if (!seen->name)
		return broken(why, "name 0, which stands for none");
	if (model->name_alive && seen->name != model->name)
		return broken(why, "name %u, but it has the name %u", seen->name, model->name);
	model->name = seen->name;
	model->name_alive = true;
	return 0;
}

static int take_open(struct prime_model *model, struct prime_step step,
		     const struct prime_seen *seen, struct why why)
{
	if (!model->name_alive)
		return expect_ret(seen, -ENOENT, why);
	if (expect_ret(seen, 0, why))
		return -1;
	return add_handle(model, step.file, seen->handle, false, why);
}

/* The last handle takes the name and the link to the dma-buf with it. */
static void drop_handle(struct prime_model *model, unsigned int file, unsigned int slot)
{
	model->handle[file][slot] = (struct prime_model_handle){ 0 };
	if (!has_handles(model)) {
		model->linked = false;
		model->name_alive = false;
	}
}

static int take_close(struct prime_model *model, struct prime_step step,
		      const struct prime_seen *seen, struct why why)
{
	drop_handle(model, step.file, step.slot);
	return expect_ret(seen, 0, why);
}

static int take_close_file(struct prime_model *model, struct prime_step step,
			   const struct prime_seen *seen, struct why why)
{
	for (unsigned int slot = 0; slot < PRIME_HANDLES; slot++)
		drop_handle(model, step.file, slot);
	return expect_ret(seen, 0, why);
}

static int take_close_fd(struct prime_model *model, struct prime_step step,
			 const struct prime_seen *seen, struct why why)
{
	model->fds--;
	return expect_ret(seen, 0, why);
}

static const struct {
	const char *name;
	int (*take)(struct prime_model *model, struct prime_step step,
		    const struct prime_seen *seen, struct why why);
} kinds[] = {
	[PRIME_EXPORT] = { "export", take_export },
	[PRIME_IMPORT] = { "import", take_import },
	[PRIME_FLINK] = { "flink", take_flink },
	[PRIME_OPEN] = { "open", take_open },
	[PRIME_CLOSE] = { "close", take_close },
	[PRIME_CLOSE_FD] = { "close-fd", take_close_fd },
	[PRIME_CLOSE_FILE] = { "close-file", take_close_file },
};

int prime_model_take(struct prime_model *model, struct prime_step step,
		     const struct prime_seen *seen, char *why, size_t why_size)
{
	return kinds[step.kind].take(model, step, seen, (struct why){ why, why_size });
}

int64_t prime_model_count(const struct prime_model *model)
{
	return (int64_t)model->fds + model->linked + count_cached(model, 0) +
	       count_cached(model, 1);
}

void prime_step_text(struct prime_step step, char *buf, size_t size)
{
	if (step.kind == PRIME_CLOSE_FD)
		snprintf(buf, size, "%s", kinds[step.kind].name);
	else if (step.slot)
		snprintf(buf, size, "%c.%s#%u", 'a' + (int)step.file, kinds[step.kind].name,
			 step.slot);
	else
		snprintf(buf, size, "%c.%s", 'a' + (int)step.file, kinds[step.kind].name);
}
