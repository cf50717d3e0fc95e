/* SPDX-License-Identifier: MIT */
#ifndef IGT_BODY_H
#define IGT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "igt/result.h"
#include "igt/state.h"

/* Internal: what run.c knows of the blocks in igt_main. */

/* One subtest as the collecting pass saw it. */
struct igt_entry {
	char name[IGT_NAME_MAX];
	const char *file;
	int line;
	bool selected;
};

/* One group, in the order in which groups begin. */
struct igt_group_entry {
	size_t selected; /* subtests chosen in it, inner groups included */
	size_t end;      /* index of the first group that begins after it ended */
};

struct igt_entries {
	struct igt_entry *list;
	size_t count;
	size_t selected;
	struct igt_group_entry *groups;
	size_t groups_count;
	char problem[256]; /* a name that breaks the rules; "" if none */
};

/* Run @body without running any block, and list its subtests. Freed by igt_entries_free(). */
void igt_collect(struct igt_entries *ret_entries, void (*body)(void));
void igt_entries_free(struct igt_entries *entries);

/*
 * Run @body, leaving out groups in which nothing is selected; each subtest in a process of its own
 * if @isolate.
 */
struct igt_totals {
	enum igt_result result;
	int sig;              /* of the first crash */
	bool dynamic_unknown; /* --dynamic-subtest named none of those there were */
};
void igt_run_body(struct igt_totals *ret_totals, const struct igt_entries *collected,
		  void (*body)(void), bool isolate);

#endif
