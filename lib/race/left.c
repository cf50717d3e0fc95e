// SPDX-License-Identifier: MIT
#include "race/left.h"

#include <stdio.h>
#include <string.h>

#include "race/perturb.h"
#include "sys/file.h"

/* functions of the kernel that are named, the innermost first */
#define FRAMES 3

/* "[<0>] dma_fence_default_wait+0x1a4/0x260", one a line */
static void say_stack(FILE *out, const char *stack)
{
	int i;

	for (i = 0; i < FRAMES && *stack; i++) {
		const char *name = strstr(stack, "] ");

		if (!name)
			return;
		name += 2;
		fprintf(out, "%s%.*s", i ? " < " : " in ", (int)strcspn(name, "+\n"), name);
		stack = name + strcspn(name, "\n");
	}
}

static void say_place(FILE *out, int tid)
{
	char path[64], stat[512], stack[1024];
	const char *after;

	if (!tid) {
		fprintf(out, "has not begun");
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	sys_read_file(path, stat, sizeof(stat));
	after = strrchr(stat, ')'); /* the name stands in brackets and may hold any */
	if (!after) {
		fprintf(out, "is gone now");
		return;
	}
	fprintf(out, "state %c", after[1] ? after[2] : '?');
	/* the beginning is enough, and empty where it may not be read */
	snprintf(path, sizeof(path), "/proc/%d/stack", tid);
	sys_read_file(path, stack, sizeof(stack));
	say_stack(out, stack);
}

static void say_helper(FILE *out, const char *name, const struct race_helper *helper)
{
	if (!helper->running)
		return;
	fprintf(out, "%sthe %s: ", ftell(out) ? ", " : "", name);
	say_place(out, atomic_load(&helper->tid));
}

void race_left_tell(const struct race_crew *crew, char *text, size_t size)
{
	const struct race_control *control = crew->conductor->control;
	const struct race_perturb *perturb = &crew->conductor->perturb;
	FILE *out = fmemopen(text, size, "w");
	unsigned int i;

	if (!out) {
		snprintf(text, size, "somebody: no memory to tell who");
		return;
	}
	for (i = 0; i < control->nlanes; i++) {
		if (!crew->members[i].running)
			continue;
		fprintf(out, "%slane %u (%s): ", ftell(out) ? ", " : "", i,
			control->scenario->lanes[i].name);
		say_place(out, atomic_load(&control->slot[i].tid));
	}
	say_helper(out, "preempter", &perturb->preempter);
	say_helper(out, "waker", &perturb->waker);
	say_helper(out, "kicker", &perturb->kicker);
	say_helper(out, "holder", &perturb->holder);
	fclose(out);
	text[size - 1] = '\0';
}
