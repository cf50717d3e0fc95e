// SPDX-License-Identifier: MIT
/* Who is kin and who is a stranger, and what strangers hold. */
#include <fcntl.h>

#include "tree.h"

#include "oracle/fdlist.h"
#include "oracle/others.h"

enum {
	INIT = 1,
	SHELL = 50,
	SELF = 100,
	CHILD = 101,
	ORPHAN = 102,
	STRANGER = 200,
	KTHREADD = 2,
	KWORKER = 60
};

static struct tree tree;

static int setup(void **state)
{
	tree_create(&tree);
	tree_process(&tree, INIT, 0, 1);
	tree_process(&tree, SHELL, INIT, SHELL);
	tree_process(&tree, SELF, SHELL, SELF);
	tree_process(&tree, CHILD, SELF, CHILD);
	tree_process(&tree, ORPHAN, INIT, SELF);
	tree_process(&tree, STRANGER, SHELL, STRANGER);
	tree_process(&tree, KTHREADD, 0, 0);
	tree_process(&tree, KWORKER, KTHREADD, 0);
	return 0;
}

static int teardown(void **state)
{
	tree_destroy(&tree);
	return 0;
}

static void relations(void **state)
{
	assert_int_equal(others_relation(tree.root, SELF, SELF), OTHERS_KIN);
	assert_int_equal(others_relation(tree.root, CHILD, SELF), OTHERS_KIN);
	assert_int_equal(others_relation(tree.root, ORPHAN, SELF), OTHERS_KIN);
	assert_int_equal(others_relation(tree.root, STRANGER, SELF), OTHERS_STRANGER);
	assert_int_equal(others_relation(tree.root, SHELL, SELF), OTHERS_STRANGER);
	assert_int_equal(others_relation(tree.root, KWORKER, SELF), OTHERS_KERNEL);
	assert_int_equal(others_relation(tree.root, 999, SELF), OTHERS_GONE);
}

static void nobody_else(void **state)
{
	struct others others;

	tree_fd(&tree, SELF, 3, "/dev/dri/card0");
	tree_fd(&tree, CHILD, 3, "/dmabuf:");
	assert_int_equal(others_find(tree.root, SELF, &others), 0);
	assert_int_equal(others.users, 0);
	assert_false(others_any(&others));
	assert_false(others_on(&others, 0));
	others_finish(&others);
}

static void a_compositor(void **state)
{
	struct others others;

	tree_fd(&tree, STRANGER, 3, "/dev/dri/card1");
	tree_fd(&tree, STRANGER, 4, "/dmabuf:window");
	tree_fd(&tree, STRANGER, 5, "/etc/passwd");
	assert_int_equal(others_find(tree.root, SELF, &others), 0);
	assert_int_equal(others.users, 1);
	assert_int_equal(others.nr_inodes, 1);
	assert_true(others_any(&others));
	assert_true(others_on(&others, 1));
	assert_false(others_on(&others, 0));
	others_finish(&others);
}

/* A render node may belong to any card. */
static void a_renderer(void **state)
{
	struct others others;

	tree_fd(&tree, STRANGER, 3, "/dev/dri/renderD128");
	assert_int_equal(others_find(tree.root, SELF, &others), 0);
	assert_true(others_on(&others, 0));
	others_finish(&others);
}

static void classes(void **state)
{
	assert_string_equal(fdlist_classify(TEXT("/dev/dri/card0")), "drm");
	assert_string_equal(fdlist_classify(TEXT("/dev/dri/renderD128")), "drm");
	assert_string_equal(fdlist_classify(TEXT("/dmabuf:")), "dma-buf");
	assert_string_equal(fdlist_classify(TEXT("anon_inode:sync_file")), "sync_file");
	assert_string_equal(fdlist_classify(TEXT("anon_inode:syncobj_file")), "syncobj");
	assert_string_equal(fdlist_classify(TEXT("/dev/dma_heap/system")), "dma-heap");
	assert_null(fdlist_classify(TEXT("anon_inode:[eventpoll]")));
	assert_null(fdlist_classify(TEXT("/home/me/dmabuf:")));
	assert_null(fdlist_classify(TEXT("")));
}

static void mappings(void **state)
{
	char full[PATH_MAX];
	int procfd;

	tree_file(&tree, "proc/100/maps",
		  "7f0000000000-7f0000001000 rw-s 00000000 00:0d 17      /dmabuf:my buffer\n"
		  "7f0000002000-7f0000003000 rw-p 00000000 00:0d 18      /lib/libc.so\n");
	tree_path(&tree, "proc", full);
	procfd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(procfd >= 0);
	assert_true(fdlist_is_mapped(procfd, SELF, 17));
	assert_false(fdlist_is_mapped(procfd, SELF, 18));
	assert_false(fdlist_is_mapped(procfd, CHILD, 17));
	close(procfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(relations, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_else, setup, teardown),
		cmocka_unit_test_setup_teardown(a_compositor, setup, teardown),
		cmocka_unit_test_setup_teardown(a_renderer, setup, teardown),
		cmocka_unit_test_setup_teardown(mappings, setup, teardown),
		cmocka_unit_test(classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
