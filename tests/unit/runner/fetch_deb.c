// SPDX-License-Identifier: MIT
/* Unpacking packages, and the cache's files and lock. */
#include "fetch/deb.h"
#include "fetch/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char folder[] = "/tmp/gemrace-deb-XXXXXX";

static void add(struct archive *a, const char *path, unsigned int mode, const void *data,
		size_t size)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, mode);
	archive_entry_set_size(e, size);
	archive_write_header(a, e);
	archive_write_data(a, data, size);
	archive_entry_free(e);
}

/* A package with one file more than usual: @odd. */
static char *make_deb(const char *odd)
{
	static char tar[65536], deb[65536];
	char *path = text_printf("%s/p.deb", folder);
	struct archive *a = archive_write_new();
	size_t tar_size, deb_size;

	archive_write_add_filter_xz(a);
	archive_write_set_format_ustar(a);
	archive_write_open_memory(a, tar, sizeof(tar), &tar_size);
	add(a, "./usr/bin/igt_runner", S_IFREG | 04755, "runner", 6);
	add(a, "./usr/share/doc/x", S_IFREG | 0644, "doc", 3);
	add(a, odd, S_IFREG | 0644, "odd", 3);
	archive_write_free(a);

	a = archive_write_new();
	archive_write_set_format_ar_svr4(a);
	archive_write_open_memory(a, deb, sizeof(deb), &deb_size);
	add(a, "debian-binary", S_IFREG | 0644, "2.0\n", 4);
	add(a, "data.tar.xz", S_IFREG | 0644, tar, tar_size);
	archive_write_free(a);
	assert_int_equal(file_write_atomically(path, deb, deb_size), 0);
	return path;
}

static void wanted_files_come_out(void **state)
{
	static const char *const prefixes[] = { "usr/bin/igt_", "etc/", NULL };
	_cleanup_free_ char *deb = make_deb("./etc/x");
	_cleanup_free_ char *out = text_printf("%s/out", folder), *file = NULL, *doc = NULL;
	struct stat st;

	assert_int_equal(deb_unpack(deb, prefixes, out), 0);
	file = text_printf("%s/usr/bin/igt_runner", out);
	doc = text_printf("%s/usr/share", out);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0755);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(access(doc, F_OK), -1);
}

static void nothing_leaves_the_folder(void **state)
{
	static const char *const prefixes[] = { "", NULL };
	_cleanup_free_ char *deb = make_deb("./usr/../../../escaped");
	_cleanup_free_ char *out = text_printf("%s/a/b", folder);
	_cleanup_free_ char *escaped = text_printf("%s/escaped", folder);

	assert_true(deb_unpack(deb, prefixes, out) < 0);
	assert_int_equal(access(escaped, F_OK), -1);
}

static void damage_is_noticed(void **state)
{
	static const char *const prefixes[] = { "", NULL };
	_cleanup_free_ char *deb = make_deb("./etc/x"), *data = NULL;
	_cleanup_free_ char *out = text_printf("%s/damaged", folder);
	size_t size;

	assert_int_equal(file_read(deb, &data, &size), 0);
	assert_int_equal(file_write_atomically(deb, data, size - 40), 0);
	assert_true(deb_unpack(deb, prefixes, out) < 0);
	data[size / 2] ^= 0x55;
	assert_int_equal(file_write_atomically(deb, data, size), 0);
	assert_true(deb_unpack(deb, prefixes, out) < 0);
	assert_int_equal(file_write_atomically(deb, "", 0), 0);
	assert_true(deb_unpack(deb, prefixes, out) < 0);
}

static void lock_keeps_others_out(void **state)
{
	_cleanup_free_ char *path = text_printf("%s/lock", folder);
	int fd = file_lock(path, 0), status;
	pid_t pid;

	assert_true(fd >= 0);
	pid = fork();
	if (!pid) {
		close(fd);
		_exit(file_lock(path, 0) == -ETIMEDOUT ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(fd);
	fd = file_lock(path, 0);
	assert_true(fd >= 0);
	close(fd);
}

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return file_remove_tree(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wanted_files_come_out),
		cmocka_unit_test(nothing_leaves_the_folder),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(lock_keeps_others_out),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
