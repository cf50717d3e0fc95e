// SPDX-License-Identifier: MIT
/* The whole ledger on recorded systems: idle, and while one process held one of everything. */
#include <unistd.h>

#include "sample.h"
#include "tree.h"

#include "oracle/ledger.h"

static struct ledger *take(const char *version, const char *moment)
{
	char root[PATH_MAX];
	struct ledger_opts opts = { .root = root, .pid = 1 };
	struct ledger *ledger;

	snprintf(root, sizeof(root), "%s/%s/%s", SAMPLES, version, moment);
	assert_int_equal(ledger_take(&opts, &ledger), 0);
	return ledger;
}

static unsigned int count(const struct ledger *ledger, enum ledger_kind kind)
{
	unsigned int nr = 0;

	for (size_t i = 0; i < ledger->nr_items; i++)
		nr += ledger->items[i].kind == kind;
	return nr;
}

static void recorded(void **state)
{
	static const unsigned int bufs[NR_VERSIONS] = { 4, 8, 8 };

	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct ledger *idle = take(versions[v], "idle");
		struct ledger *held = take(versions[v], "held");

		for (int i = 0; i < LEDGER_NR_SOURCES; i++) {
			/* Not built into these kernels, not recorded, of no driver there. */
			if (i != LEDGER_SYNC_INFO && i != LEDGER_FDS && i != LEDGER_DRIVER)
				assert_int_equal(held->status[i].err, 0);
			assert_int_equal(held->status[i].refused, 0);
			assert_int_equal(idle->status[i].refused, 0);
		}
		assert_int_equal(held->status[LEDGER_FDS].err, -ENOENT);
		assert_int_equal(held->status[LEDGER_DRIVER].err, -ENOENT);
		assert_int_equal(count(idle, LEDGER_DMA_BUF), 0);
		assert_int_equal(count(idle, LEDGER_FLINK_NAME), 0);
		assert_int_equal(count(idle, LEDGER_DRM_FILE), 0);
		assert_int_equal(count(idle, LEDGER_FRAMEBUFFER), 2);
		/* One of three cards has a render node, which must not be counted again. */
		assert_int_equal(count(held, LEDGER_DMA_BUF), bufs[v]);
		assert_int_equal(count(held, LEDGER_FLINK_NAME), 6);
		assert_int_equal(count(held, LEDGER_DRM_FILE), 3);
		assert_int_equal(count(held, LEDGER_FRAMEBUFFER), 6);
		ledger_free(idle);
		ledger_free(held);
	}
}

static int64_t references(const struct ledger *ledger, const char *module)
{
	for (size_t i = 0; i < ledger->nr_items; i++) {
		const struct ledger_item *item = &ledger->items[i];

		if (item->kind == LEDGER_MODULE && !strcmp(item->owner, module))
			return item->count;
	}
	return -1;
}

/* What other modules hold is taken off: loading one is no leak. */
static void modules(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct ledger *idle = take(versions[v], "idle");
		struct ledger *held = take(versions[v], "held");

		assert_int_equal(references(idle, "vgem"), 0);
		/* Four modules use it on some of these kernels, and its count says so. */
		assert_int_equal(references(held, "drm_kms_helper"),
				 references(idle, "drm_kms_helper"));
		/* An open file and two dma-bufs. */
		assert_int_equal(references(held, "vgem"), 3);
		ledger_free(idle);
		ledger_free(held);
	}
}

static void kinds_of_leaks(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct ledger *idle = take(versions[v], "idle");
		struct ledger *held = take(versions[v], "held");
		struct ledger_diff *diff;
		char root[PATH_MAX];
		struct ledger_opts opts = { .root = root };
		unsigned int seen = 0;

		snprintf(root, sizeof(root), "%s/%s/held", SAMPLES, versions[v]);
		assert_int_equal(ledger_compare(&opts, idle, held, &diff), 0);
		for (size_t i = 0; i < diff->nr_changes; i++) {
			if (diff->changes[i].whose == LEDGER_OURS)
				seen |= 1u << diff->changes[i].after.kind;
		}
		assert_int_equal(seen, 1u << LEDGER_DMA_BUF | 1u << LEDGER_FLINK_NAME |
					       1u << LEDGER_DRM_FILE | 1u << LEDGER_FRAMEBUFFER |
					       1u << LEDGER_MODULE);
		ledger_diff_free(diff);
		/* And against itself, nothing. */
		assert_int_equal(ledger_compare(&opts, held, held, &diff), 0);
		assert_int_equal(diff->nr_changes, 0);
		ledger_diff_free(diff);
		ledger_free(idle);
		ledger_free(held);
	}
}

/*
 * A driver's own file is read where that driver is, and only there; what nobody is named for may be
 * the driver's own, and is no leak.
 */
static void counts_of_drivers(void **state)
{
	struct ledger *before, *after;
	struct ledger_opts opts = { .pid = 1 };
	struct ledger_diff *diff;
	struct tree tree;
	char line[256];

	tree_create(&tree);
	opts.root = tree.root;

	tree_file(&tree, "sys/kernel/debug/dri/0/name", "vgem unique=vgem\n");
	tree_file(&tree, "sys/kernel/debug/dri/0/i915_gem_objects", "not this one's\n");
	assert_int_equal(ledger_take(&opts, &before), 0);
	assert_int_equal(before->status[LEDGER_DRIVER].err, -ENOENT);
	assert_int_equal(before->status[LEDGER_DRIVER].refused, 0);
	ledger_free(before);

	tree_file(&tree, "sys/kernel/debug/dri/1/name", "i915 dev=0000:00:02.0\n");
	tree_file(&tree, "sys/kernel/debug/dri/1/i915_gem_objects",
		  "7 shrinkable [0 free] objects, 4096 bytes\n");
	assert_int_equal(ledger_take(&opts, &before), 0);
	assert_int_equal(before->status[LEDGER_DRIVER].err, 0);
	assert_int_equal(count(before, LEDGER_OBJECTS), 1);
	tree_file(&tree, "sys/kernel/debug/dri/1/i915_gem_objects",
		  "9 shrinkable [0 free] objects, 8192 bytes\n");
	assert_int_equal(ledger_take(&opts, &after), 0);
	assert_int_equal(ledger_compare(&opts, before, after, &diff), 0);
	assert_int_equal(diff->leaks, 0);
	assert_int_equal(diff->doubtful, 1);
	ledger_change_text(&diff->changes[0], line, sizeof(line));
	assert_string_equal(line, "GEM objects of card1 as i915 counts them, 8192 bytes: 7 -> 9");
	ledger_diff_free(diff);
	ledger_free(before);
	ledger_free(after);
	tree_destroy(&tree);
}

/* Whatever this machine lets us see, twice: nothing may have changed in between. */
static void this_machine(void **state)
{
	struct ledger *before;
	struct ledger_diff *diff;

	assert_int_equal(ledger_take(NULL, &before), 0);
	assert_int_equal(before->pid, getpid());
	assert_int_equal(before->status[LEDGER_FDS].err, 0);
	assert_int_equal(ledger_settle(before, 100, &diff), 0);
	assert_int_equal(diff->leaks, 0);
	assert_true(diff->looks >= 1);
	ledger_diff_free(diff);
	ledger_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),       cmocka_unit_test(modules),
		cmocka_unit_test(kinds_of_leaks), cmocka_unit_test(counts_of_drivers),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
