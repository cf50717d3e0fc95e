// SPDX-License-Identifier: MIT
#include "race/left.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "race/perturb.h"

/* functions of the kernel that are named, the innermost first */
#define FRAMES 3

struct sentence {
	char *text;
	size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(s->text + s->length, s->size - s->length, fmt, args);
	va_end(args);
	s->length += n < 0 ? 0 : (size_t)n;
	if (s->length >= s->size)
		s->length = s->size - 1;
}

static bool read_of_task(int tid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n > 0;
}

/* "[<0>] dma_fence_default_wait+0x1a4/0x260", one a line */
static void say_stack(struct sentence *s, const char *stack)
{
	int i;

	for (i = 0; i < FRAMES && *stack; i++) {
		const char *name = strstr(stack, "] ");

		if (!name)
			return;
		name += 2;
		say(s, "%s%.*s", i ? " < " : " in ", (int)strcspn(name, "+\n"), name);
		stack = name + strcspn(name, "\n");
	}
}

static void say_place(struct sentence *s, int tid)
{
	char stat[512], stack[1024];
	const char *after = NULL;

	if (!tid) {
		say(s, "has not begun");
		return;
	}
	/* the name stands in brackets and may hold any */
	if (read_of_task(tid, "stat", stat, sizeof(stat)))
		after = strrchr(stat, ')');
	if (!after) {
		say(s, "is gone now");
		return;
	}
	say(s, "state %c", after[1] ? after[2] : '?');
	if (read_of_task(tid, "stack", stack, sizeof(stack)))
		say_stack(s, stack);
}

static void say_helper(struct sentence *s, const char *name, const struct race_helper *helper)
{
	if (!helper->running)
		return;
	say(s, "%sthe %s: ", s->length ? ", " : "", name);
	say_place(s, atomic_load(&helper->tid));
}

void race_left_tell(const struct race_crew *crew, char *text, size_t size)
{
	const struct race_control *control = crew->conductor->control;
	const struct race_perturb *perturb = &crew->conductor->perturb;
	struct sentence s = { .text = text, .size = size };
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < control->nlanes; i++) {
		if (!crew->members[i].running)
			continue;
		say(&s, "%slane %u (%s): ", s.length ? ", " : "", i,
		    control->scenario->lanes[i].name);
		say_place(&s, atomic_load(&control->slot[i].tid));
	}
	say_helper(&s, "preempter", &perturb->preempter);
	say_helper(&s, "waker", &perturb->waker);
	say_helper(&s, "kicker", &perturb->kicker);
	say_helper(&s, "holder", &perturb->holder);
}
