// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/archive.h"
#include "kbuild/flavour.h"
#include "kbuild/make.h"
#include "kbuild/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char makefile[] = "# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 12\n"
			       "SUBLEVEL = 117\nEXTRAVERSION =\n";

/* A folder with something that passes for a kernel's source in linux-x. */
struct fixture {
	char root[64], tree[80], archive[80];
	struct diag d;
};

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_write_atomically(path, text, strlen(text)), 0);
}

static void run(const char *const *argv)
{
	struct process p = { .argv = argv, .cancel_fd = -1 };
	int status;

	assert_int_equal(process_run(&p, &status), 0);
	assert_int_equal(status, 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char folder[96];

	strcpy(f->root, "/tmp/gemrace-kbuild-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(f->tree, sizeof(f->tree), "%s/linux-x", f->root);
	snprintf(f->archive, sizeof(f->archive), "%s/linux-x.tar", f->root);
	snprintf(folder, sizeof(folder), "%s/arch/x86", f->tree);
	assert_int_equal(file_make_folder(folder), 0);
	put(f->tree, "Makefile", makefile);
	put(f->tree, "Kconfig", "mainmenu \"x\"\n");
	put(f->tree, "arch/x86/Makefile", "# x86\n");
	run((const char *[]){ "tar", "-C", f->root, "-cf", f->archive, "linux-x", NULL });
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	file_remove_tree(f->root);
	free(f);
	return 0;
}

static unsigned long long identity(struct fixture *f, const char *path)
{
	struct source_tree tree;
	unsigned long long id;

	assert_int_equal(source_tree_open(path, &tree, &f->d), 0);
	id = tree.identity;
	source_tree_finish(&tree);
	return id;
}

static void a_tree_has_a_version_and_an_identity(void **state)
{
	struct fixture *f = *state;
	struct source_tree tree;
	unsigned long long first;

	assert_int_equal(source_tree_open(f->tree, &tree, &f->d), 0);
	assert_int_equal(tree.version.major, 6);
	assert_int_equal(tree.version.minor, 12);
	first = tree.identity;
	source_tree_finish(&tree);

	assert_true(identity(f, f->tree) == first);
	put(f->tree, "arch/x86/Makefile", "# X86\n"); /* same size, newer */
	assert_true(identity(f, f->tree) != first);
	first = identity(f, f->tree);
	put(f->tree, "new.c", "");
	assert_true(identity(f, f->tree) != first);
}

static void files_of_git_are_not_content(void **state)
{
	struct fixture *f = *state;
	unsigned long long first;
	char git[128];

	snprintf(git, sizeof(git), "%s/.git", f->tree);
	assert_int_equal(file_make_folder(git), 0);
	first = identity(f, f->tree);
	put(git, "index", "x");
	assert_true(identity(f, f->tree) == first);
}

static void refused(struct fixture *f, const char *path, const char *why)
{
	struct source_tree tree;

	assert_true(source_tree_open(path, &tree, &f->d) < 0);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
	assert_non_null(strstr(f->d.text, why));
}

static void what_is_no_source_is_refused(void **state)
{
	struct fixture *f = *state;

	refused(f, "/nonexistent", "No such file");
	refused(f, f->root, "no kernel source");
	put(f->tree, ".config", "");
	refused(f, f->tree, "mrproper");
	put(f->tree, "Makefile", "all:\n");
	refused(f, f->tree, "no kernel source");
}

static void quiet(void *data, const char *line)
{
	int *count = data;

	++*count;
}

static unsigned long long unpack(struct fixture *f, const char *cache, int *count)
{
	struct notifier notifier = { .note = quiet, .data = count };
	unsigned long long id;
	char *tree;
	int err;

	err = source_archive_unpack(f->archive, cache, -1, &notifier, &tree, &f->d);
	assert_int_equal(err, 0);
	id = identity(f, tree);
	free(tree);
	return id;
}

static void an_archive_is_unpacked_once(void **state)
{
	struct fixture *f = *state;
	unsigned long long first;
	int count = 0;

	first = unpack(f, f->root, &count);
	assert_int_equal(count, 1);
	assert_true(unpack(f, f->root, &count) == first);
	assert_int_equal(count, 1);

	/* Dates come out of the archive: unpacked elsewhere, it is the same source. */
	assert_true(unpack(f, f->tree, &count) == first);
	assert_int_equal(count, 2);
}

static void a_damaged_archive_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	int count = 0;
	struct notifier notifier = { .note = quiet, .data = &count };
	char *tree;

	/* In the middle of Kconfig's or a Makefile's header. */
	assert_int_equal(truncate(f->archive, 1024 + 100), 0);
	assert_true(source_archive_unpack(f->archive, f->root, -1, &notifier, &tree, &f->d) < 0);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
	assert_true(source_archive_unpack(f->archive, f->root, -1, &notifier, &tree, &f->d) < 0);
	assert_int_equal(count, 2); /* tried again, not found unpacked */
}

static void space_is_asked_for_in_mib(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(space_check(f->root, 0, "nothing", &f->d), 0);
	assert_int_equal(space_check(f->root, UINT32_MAX, "a kernel", &f->d), -ENOSPC);
	assert_int_equal(f->d.status, GEMRACE_HARNESS);
	assert_non_null(strstr(f->d.text, "no space: a kernel needs about"));
}

static void errors_are_told_from_what_follows_them(void **state)
{
	assert_true(kbuild_line_is_error("../drivers/x.c:3:1: error: unknown type name 'in'"));
	assert_true(kbuild_line_is_error("x.h:1:10: fatal error: gelf.h: No such file"));
	assert_true(kbuild_line_is_error("ERROR: modpost: \"f\" [m.ko] undefined!"));
	assert_true(kbuild_line_is_error("/bin/sh: 1: bc: command not found"));
	assert_true(kbuild_line_is_error("as: write error: No space left on device"));
	assert_false(
		kbuild_line_is_error("make[2]: *** [scripts/Makefile.build:244: x.o] Error 1"));
	assert_false(kbuild_line_is_error("  CC      lib/error-inject.o"));
	assert_false(kbuild_line_is_error("x.c:3:1: warning: unused variable"));
}

/* What is in ci/kernel parses, for kernels old and new, and asks for what its name says. */
static void our_fragments_parse(void **state)
{
	static const struct kernel_version versions[] = { { 6, 1 }, { 7, 2 } };
	struct fixture *f = *state;
	const struct flavour *flavour;

	for (size_t i = 0; (flavour = flavour_at(i)); i++) {
		for (size_t v = 0; v < 2; v++) {
			struct fragment fragment = { 0 };

			assert_int_equal(flavour_load(flavour, FRAGMENTS, NULL, versions[v],
						      &fragment, &f->d),
					 0);
			assert_true(fragment.count > 100);
			fragment_finish(&fragment);
		}
	}
	assert_int_equal(flavour_find("none", &flavour, &f->d), -EINVAL);
	assert_int_equal(flavour_find(NULL, &flavour, &f->d), 0);
	assert_string_equal(flavour->name, "kasan");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_tree_has_a_version_and_an_identity),
		TEST(files_of_git_are_not_content),
		TEST(what_is_no_source_is_refused),
		TEST(an_archive_is_unpacked_once),
		TEST(a_damaged_archive_leaves_nothing_behind),
		TEST(space_is_asked_for_in_mib),
		TEST(errors_are_told_from_what_follows_them),
		TEST(our_fragments_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
