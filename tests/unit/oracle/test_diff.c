// SPDX-License-Identifier: MIT
/* What counts as a leak, and whose it is: two ledgers made up, and a made-up /proc. */
#include <errno.h>

#include "tree.h"

#include "oracle/ledger.h"
#include "oracle/parse.h"

enum { SELF = 100, CHILD = 101, STRANGER = 200 };

static struct tree tree;
static struct ledger before, after;

static int setup(void **state)
{
	tree_create(&tree);
	tree_process(&tree, SELF, 1, SELF);
	tree_process(&tree, CHILD, SELF, CHILD);
	tree_process(&tree, STRANGER, 1, STRANGER);
	before = after = (struct ledger){ .pid = SELF };
	return 0;
}

static int teardown(void **state)
{
	free(before.items);
	free(after.items);
	tree_destroy(&tree);
	return 0;
}

static void add(struct ledger *ledger, struct ledger_item item)
{
	struct ledger_status status = { 0 };

	if (item.kind == LEDGER_DMA_BUF)
		item.inode = item.id;
	assert_int_equal(ledger_add(ledger, &status, &item), 0);
	qsort(ledger->items, ledger->nr_items, sizeof(item), ledger_item_order);
}

static struct ledger_diff *compare(unsigned int leaks, unsigned int doubtful)
{
	const struct ledger_opts opts = { .root = tree.root, .pid = SELF };
	struct ledger_diff *diff;

	assert_int_equal(ledger_compare(&opts, &before, &after, &diff), 0);
	assert_int_equal(diff->leaks, leaks);
	assert_int_equal(diff->doubtful, doubtful);
	return diff;
}

static void expect(unsigned int leaks, unsigned int doubtful)
{
	ledger_diff_free(compare(leaks, doubtful));
}

#define BUF(inode, refs)                                                                           \
	((struct ledger_item){ .kind = LEDGER_DMA_BUF,                                             \
			       .minor = -1,                                                        \
			       .id = (inode),                                                      \
			       .count = (refs),                                                    \
			       .handles = -1,                                                      \
			       .owner = "drm" })
#define CLIENT(who) ((struct ledger_item){ .kind = LEDGER_DRM_FILE, .pid = (who), .owner = "vgem" })
#define NAME(number, nr)                                                                           \
	((struct ledger_item){ .kind = LEDGER_FLINK_NAME,                                          \
			       .id = (number),                                                     \
			       .count = 1,                                                         \
			       .handles = (nr),                                                    \
			       .owner = "vgem" })
#define MODULE(module, refs)                                                                       \
	((struct ledger_item){                                                                     \
		.kind = LEDGER_MODULE, .minor = -1, .count = (refs), .owner = module })

static void nothing(void **state)
{
	add(&before, BUF(1, 3));
	add(&before, NAME(1, 1));
	add(&after, BUF(1, 3));
	add(&after, NAME(1, 1));
	expect(0, 0);
}

static void identity(void **state)
{
	struct ledger_diff *diff;

	/* As many as before, but not the same one. */
	add(&before, BUF(1, 3));
	add(&after, BUF(2, 3));
	diff = compare(1, 0);
	assert_int_equal(diff->nr_changes, 2);
	assert_int_equal(diff->changes[0].change, LEDGER_VANISHED);
	assert_int_equal(diff->changes[1].change, LEDGER_APPEARED);
	assert_int_equal(diff->changes[1].after.inode, 2);
	ledger_diff_free(diff);
}

static void growth(void **state)
{
	struct ledger_diff *diff;

	add(&before, BUF(1, 3));
	add(&before, NAME(1, 1));
	add(&before, MODULE("vgem", 1));
	add(&after, BUF(1, 4));
	add(&after, NAME(1, 2));
	add(&after, MODULE("vgem", 2));
	diff = compare(3, 0);
	for (size_t i = 0; i < diff->nr_changes; i++)
		assert_int_equal(diff->changes[i].change, LEDGER_GREW);
	ledger_diff_free(diff);
}

static void fewer_is_no_leak(void **state)
{
	add(&before, BUF(1, 4));
	add(&before, CLIENT(STRANGER));
	add(&before, MODULE("vgem", 2));
	add(&after, BUF(1, 3));
	add(&after, MODULE("vgem", 1));
	expect(0, 0);
}

static void a_module_was_loaded(void **state)
{
	add(&after, MODULE("vgem", 0));
	expect(0, 0);
	add(&after, MODULE("bochs", 1));
	expect(1, 0);
}

/* Several drm files of one process have no identity of their own before Linux 6.15. */
static void equal_ones_are_counted(void **state)
{
	add(&before, CLIENT(SELF));
	add(&after, CLIENT(SELF));
	add(&after, CLIENT(SELF));
	expect(1, 0);
}

static void a_missing_source_takes_no_part(void **state)
{
	add(&after, BUF(1, 3));
	before.status[LEDGER_BUFINFO].err = -EACCES;
	expect(0, 0);
	before.status[LEDGER_BUFINFO].err = 0;
	after.status[LEDGER_BUFINFO].err = -ENOENT;
	expect(0, 0);
	after.status[LEDGER_BUFINFO].err = 0;
	expect(1, 0);
}

static void clients_have_a_pid(void **state)
{
	add(&after, CLIENT(STRANGER));
	expect(0, 0);
	add(&after, CLIENT(CHILD));
	expect(1, 0);
	add(&after, CLIENT(4000000)); /* gone, and nobody else is there */
	expect(2, 0);
}

static void others_make_it_doubtful(void **state)
{
	add(&after, BUF(1, 3));
	add(&after, NAME(1, 1));
	expect(2, 0);
	tree_fd(&tree, STRANGER, 3, "/dev/dri/card3");
	expect(1, 1); /* the name is on card0 */
	tree_fd(&tree, STRANGER, 4, "/dev/dri/card0");
	expect(0, 2);
}

static void held_by_ourselves(void **state)
{
	struct ledger_item fd = {
		.kind = LEDGER_FD,
		.minor = -1,
		.pid = SELF,
		.id = 7,
		.inode = 5,
		.count = 1,
		.handles = -1,
		.owner = "dma-buf",
		.name = "/dmabuf:",
	};
	struct ledger_diff *diff;
	char line[160];

	tree_fd(&tree, STRANGER, 3, "/dev/dri/card0");
	add(&after, BUF(5, 3));
	add(&after, fd);
	diff = compare(2, 0);
	assert_int_equal(diff->changes[0].held_by_fd, 7);
	ledger_change_text(&diff->changes[0], line, sizeof(line));
	assert_non_null(strstr(line, "still open as fd 7"));
	ledger_diff_free(diff);
}

static void held_by_a_mapping(void **state)
{
	struct ledger_diff *diff;

	tree_file(&tree, "proc/100/maps", "1000-2000 rw-s 00000000 00:0d 5    /dmabuf:\n");
	add(&after, BUF(5, 3));
	diff = compare(1, 0);
	assert_true(diff->changes[0].held_by_map);
	ledger_diff_free(diff);
}

/* The console redraws when it likes, with one reference more or less. */
static void the_console(void **state)
{
	struct ledger_item fb = {
		.kind = LEDGER_FRAMEBUFFER,
		.id = 40,
		.count = 2,
		.handles = -1,
		.name = "[fbcon]",
	};

	add(&before, fb);
	fb.count = 3;
	add(&after, fb);
	expect(0, 0);
}

static void report(void **state)
{
	struct ledger_diff *diff;
	char *text = NULL;
	size_t size;
	FILE *out;

	before.status[LEDGER_SYNC_INFO].err = after.status[LEDGER_SYNC_INFO].err = -ENOENT;
	add(&after, BUF(17, 3));
	diff = compare(1, 0);
	out = open_memstream(&text, &size);
	ledger_report(diff, out);
	fclose(out);
	assert_non_null(strstr(text, "leaked: dma-buf inode 17, exporter drm"));
	assert_non_null(strstr(text, "no fd or mapping of this process holds it"));
	assert_non_null(strstr(text, "not available: sync/info (No such file or directory)"));
	free(text);
	ledger_diff_free(diff);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(identity),
		TEST(growth),
		TEST(fewer_is_no_leak),
		TEST(a_module_was_loaded),
		TEST(equal_ones_are_counted),
		TEST(a_missing_source_takes_no_part),
		TEST(clients_have_a_pid),
		TEST(others_make_it_doubtful),
		TEST(held_by_ourselves),
		TEST(held_by_a_mapping),
		TEST(the_console),
		TEST(report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
