// SPDX-License-Identifier: MIT
/* The first pass over igt_main: which subtests are there? */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igt/body.h"
#include "igt/collect.h"
#include "igt/pattern.h"
#include "igt/subtest.h"

static struct igt_entries *collecting;

bool igt_collecting(void)
{
	return collecting;
}

static void check_name(struct igt_entries *entries, const char *name)
{
	const char *wrong = NULL;
	size_t length = strlen(name);

	if (!length || length >= IGT_NAME_MAX)
		wrong = "must have 1 to 249 characters";
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			wrong = "may have letters, digits, - and _ only";
	for (size_t i = 0; i < entries->count; i++)
		if (!strcmp(entries->list[i].name, name))
			wrong = "is there twice";

	if (wrong && !entries->problem[0])
		snprintf(entries->problem, sizeof(entries->problem), "Subtest name '%.100s' %s",
			 name, wrong);
}

void igt_collect_add(const char *name, const char *file, int line)
{
	struct igt_entries *entries = collecting;
	const char *patterns = igt_state.options.subtests;
	struct igt_entry *list;

	check_name(entries, name);
	list = realloc(entries->list, (entries->count + 1) * sizeof(*list));
	if (!list) {
		perror("subtest names");
		exit(IGT_EXIT_FAILURE);
	}
	entries->list = list;
	list[entries->count] = (struct igt_entry){
		.file = file,
		.line = line,
		.selected = !patterns || igt_pattern_match(name, patterns),
	};
	snprintf(list[entries->count].name, sizeof(list->name), "%s", name);
	entries->selected += list[entries->count].selected;
	entries->count++;
}

size_t igt_collect_group_begin(void)
{
	struct igt_entries *entries = collecting;
	struct igt_group_entry *groups;

	groups = realloc(entries->groups, (entries->groups_count + 1) * sizeof(*groups));
	if (!groups) {
		perror("subtest groups");
		exit(IGT_EXIT_FAILURE);
	}
	entries->groups = groups;
	/* Until its end an entry holds what was selected before it. */
	groups[entries->groups_count].selected = entries->selected;
	return entries->groups_count++;
}

void igt_collect_group_end(size_t index)
{
	struct igt_group_entry *group = &collecting->groups[index];

	group->selected = collecting->selected - group->selected;
	group->end = collecting->groups_count;
}

void igt_collect(struct igt_entries *ret_entries, void (*body)(void))
{
	memset(ret_entries, 0, sizeof(*ret_entries));
	collecting = ret_entries;
	body();
	collecting = NULL;
}

void igt_entries_free(struct igt_entries *entries)
{
	free(entries->list);
	free(entries->groups);
	memset(entries, 0, sizeof(*entries));
}
