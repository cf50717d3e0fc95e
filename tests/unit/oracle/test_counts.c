// SPDX-License-Identifier: MIT
/* The counters of births and deaths, read from a tracefs that is made up. */
#include "tree.h"

#include <errno.h>

#include "oracle/counts.h"

#define INSTANCE "sys/kernel/tracing/instances/gemrace_counts/events/"

static void hist(const struct tree *tree, const char *event, int hits)
{
	char path[200], text[300];

	snprintf(path, sizeof(path), INSTANCE "%s/hist", event);
	snprintf(text, sizeof(text),
		 "# event histogram\n#\n# trigger info: hist:keys=common_type\n#\n\n"
		 "{ common_type:       1805 } hitcount:          %d\n\n"
		 "Totals:\n    Hits: %d\n    Entries: 1\n    Dropped: 0\n",
		 hits, hits);
	tree_file(tree, path, text);
}

static void fill(const struct tree *tree)
{
	hist(tree, "gemrace_counts/gem_new", 12);
	hist(tree, "gemrace_counts/gem_free", 10);
	hist(tree, "gemrace_counts/sync_file_new", 5);
	hist(tree, "gemrace_counts/sync_file_free", 5);
	hist(tree, "dma_fence/dma_fence_init", 3);
	hist(tree, "dma_fence/dma_fence_destroy", 4);
}

static void read_counts(const struct tree *tree, struct count count[COUNT_NR_KINDS])
{
	struct counts *counts;

	assert_int_equal(counts_open(tree->root, false, &counts), 0);
	assert_int_equal(counts_read(counts, count), 0);
	counts_close(counts, true);
}

static void what_others_made_is_read(void **state)
{
	struct count count[COUNT_NR_KINDS];
	struct tree tree;

	tree_create(&tree);
	fill(&tree);
	read_counts(&tree, count);
	assert_int_equal(count[COUNT_GEM_OBJECT].err, 0);
	assert_int_equal(count[COUNT_GEM_OBJECT].born, 12);
	assert_int_equal(count[COUNT_GEM_OBJECT].died, 10);
	assert_int_equal(count[COUNT_SYNC_FILE].born - count[COUNT_SYNC_FILE].died, 0);
	assert_int_equal(count[COUNT_FENCE].born - count[COUNT_FENCE].died, -1);
	assert_int_equal(count[COUNT_SYNCOBJ].err, -ENOENT);
	tree_destroy(&tree);
}

/* drm_gem_private_object_fini() alone after a failure, or from within the release. */
static void an_object_ends_once(void **state)
{
	struct count count[COUNT_NR_KINDS];
	struct tree tree;

	tree_create(&tree);
	fill(&tree);
	hist(&tree, "gemrace_counts/gem_fini", 2);
	read_counts(&tree, count);
	assert_int_equal(count[COUNT_GEM_OBJECT].died, 12);
	hist(&tree, "gemrace_counts/gem_fini", 12);
	read_counts(&tree, count);
	assert_int_equal(count[COUNT_GEM_OBJECT].died, 12);
	tree_destroy(&tree);
}

static void what_is_cut_off_is_refused(void **state)
{
	struct count count[COUNT_NR_KINDS];
	struct tree tree;

	tree_create(&tree);
	fill(&tree);
	tree_file(&tree, INSTANCE "gemrace_counts/gem_new/hist", "# event histogram\n\nTotals:\n");
	read_counts(&tree, count);
	assert_int_equal(count[COUNT_GEM_OBJECT].err, -EBADMSG);
	assert_int_equal(count[COUNT_FENCE].err, 0);
	tree_destroy(&tree);
}

static void none_is_an_answer(void **state)
{
	struct counts *counts;
	struct tree tree;

	tree_create(&tree);
	assert_int_equal(counts_open(tree.root, false, &counts), -ENOENT);
	assert_int_equal(counts_open(tree.root, true, &counts), -ENOENT);
	tree_destroy(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_made_is_read),
		cmocka_unit_test(an_object_ends_once),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(none_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
