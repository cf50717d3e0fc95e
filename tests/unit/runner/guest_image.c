// SPDX-License-Identifier: MIT
/* The guest's files: what is in the archive, and which libraries come along. */
#include "diag.h"
#include "fetch/file.h"
#include "guest/closure.h"
#include "guest/tree.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static void fill(struct tree *tree)
{
	assert_int_equal(tree_add(tree, "/init", S_IFREG | 0755, strdup("#!"), 2), 0);
	assert_int_equal(tree_add_text(tree, "/etc/gemrace/devices", "vgem vgem\n"), 0);
	assert_int_equal(tree_add_link(tree, "/lib64", "lib"), 0);
	assert_int_equal(tree_add_text(tree, "/init", "a second one is ignored"), 0);
}

static void archive_holds_the_tree(void **state)
{
	static const struct {
		const char *path, *text;
		unsigned int mode;
	} expected[] = {
		{ "init", "#!", S_IFREG | 0755 },
		{ "etc", "", S_IFDIR | 0755 },
		{ "etc/gemrace", "", S_IFDIR | 0755 },
		{ "etc/gemrace/devices", "vgem vgem\n", S_IFREG | 0644 },
		{ "lib64", "lib", S_IFLNK | 0777 },
	};
	char path[] = "/tmp/gemrace-cpio-XXXXXX", text[64];
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	struct tree tree = { 0 };

	close(mkstemp(path));
	fill(&tree);
	assert_int_equal(tree_write_cpio(&tree, path), 0);
	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, path, 4096), ARCHIVE_OK);
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		ssize_t n;

		assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), expected[i].path);
		assert_int_equal(archive_entry_mode(entry), expected[i].mode);
		assert_int_equal(archive_entry_uid(entry), 0);
		n = archive_read_data(a, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		assert_string_equal(S_ISLNK(expected[i].mode) ? archive_entry_symlink(entry) : text,
				    expected[i].text);
	}
	assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_EOF);
	assert_int_equal(archive_format(a), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	archive_read_free(a);
	tree_finish(&tree);
	unlink(path);
}

static void hash_names_the_content(void **state)
{
	struct tree a = { 0 }, b = { 0 };

	fill(&a);
	fill(&b);
	assert_true(tree_hash(&a) == tree_hash(&b));
	tree_add_text(&b, "/x", "");
	assert_true(tree_hash(&a) != tree_hash(&b));
	tree_finish(&a);
	tree_finish(&b);
}

static void libraries_follow_the_program(void **state)
{
	struct tree tree = { 0 };
	struct diag d;

	assert_int_equal(tree_add_host_file(&tree, "/usr/bin/self", "/proc/self/exe"), 0);
	assert_int_equal(closure_add(&tree, NULL, &d), 0);
	assert_non_null(tree_find(&tree, "/lib/libc.so.6"));
	assert_non_null(tree_find(&tree, "/lib/libcmocka.so.0"));
	assert_non_null(tree_find(&tree, "/lib/ld-linux-x86-64.so.2"));
	tree_finish(&tree);
}

static void missing_library_is_named(void **state)
{
	static const char there[] = "libcmocka.so.0", gone[] = "libnosuch.so.0";
	struct tree tree = { 0 };
	struct diag d;
	size_t size;
	char *data;

	assert_int_equal(file_read("/proc/self/exe", &data, &size), 0);
	for (size_t i = 0; i + sizeof(there) <= size; i++) {
		if (!memcmp(data + i, there, sizeof(there)))
			memcpy(data + i, gone, sizeof(gone));
	}
	assert_int_equal(tree_add(&tree, "/usr/bin/self", S_IFREG | 0755, data, size), 0);
	assert_int_equal(closure_add(&tree, NULL, &d), -ENOENT);
	assert_non_null(strstr(d.text, gone));
	tree_finish(&tree);
}

/* Cut anywhere, a program must be refused or understood, never read past its end. */
static void cut_files_do_no_harm(void **state)
{
	struct diag d;
	size_t size;
	char *data;

	assert_int_equal(file_read("/proc/self/exe", &data, &size), 0);
	for (size_t n = 0; n < size; n += n < 4096 ? 61 : size / 16) {
		struct tree tree = { 0 };
		char *part = malloc(n ? n : 1);

		memcpy(part, data, n);
		tree_add(&tree, "/cut", S_IFREG | 0755, part, n);
		closure_add(&tree, NULL, &d);
		tree_finish(&tree);
	}
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archive_holds_the_tree),
		cmocka_unit_test(hash_names_the_content),
		cmocka_unit_test(libraries_follow_the_program),
		cmocka_unit_test(missing_library_is_named),
		cmocka_unit_test(cut_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
