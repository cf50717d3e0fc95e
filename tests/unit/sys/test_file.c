// SPDX-License-Identifier: MIT
/* Small files of the kernel, and files that are not what they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/module.h"

/* A file with @text; the path is written to @path. */
static void write_file(char *path, const char *text)
{
	int fd;

	strcpy(path, "/tmp/gemrace-test-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int read_number(const char *text, long long *ret_value)
{
	char path[64];
	int ret;

	write_file(path, text);
	ret = sys_read_number(path, ret_value);
	unlink(path);
	return ret;
}

static void numbers(void **state)
{
	long long value = 77;

	assert_int_equal(read_number("", &value), -EINVAL);
	assert_int_equal(read_number("\n", &value), -EINVAL);
	assert_int_equal(read_number("x1\n", &value), -EINVAL);
	assert_int_equal(read_number("1x\n", &value), -EINVAL);
	assert_int_equal(read_number("99999999999999999999\n", &value), -EINVAL);
	assert_int_equal(value, 77);
	assert_int_equal(read_number("12\n", &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(read_number("-1", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(read_number("0x8086\n", &value), 0);
	assert_int_equal(value, 0x8086);
	assert_int_equal(sys_read_number("/nonexistent", &value), -ENOENT);
}

static void files(void **state)
{
	char path[64], buf[8];

	write_file(path, "1234567");
	assert_int_equal(sys_read_file(path, buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(sys_read_file(path, buf, 7), -EFBIG);
	assert_string_equal(buf, "123456");
	unlink(path);
	assert_int_equal(sys_read_file(path, buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
	assert_int_equal(sys_read_file("/", buf, sizeof(buf)), -EISDIR);
}

static void writing(void **state)
{
	char path[64], buf[8];

	write_file(path, "abcdef");
	assert_int_equal(sys_write_file(path, "123"), 0);
	sys_read_file(path, buf, sizeof(buf));
	assert_string_equal(buf, "123def");
	assert_int_equal(sys_write_file(path, ""), 0);
	unlink(path);
	assert_int_equal(sys_write_file(path, "123"), -ENOENT);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(sys_write_file("/", "123"), -EISDIR);
	assert_int_equal(sys_write_file("/dev/full", "123"), -ENOSPC);
}

static void closing(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), closed;

	assert_true(fd >= 0);
	closed = fd;
	sys_closep(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(closed, F_GETFD), -1);
	sys_closep(&fd);
}

static void missing_modules(void **state)
{
	assert_true(sys_module_load("no_such_module") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(files),
		cmocka_unit_test(writing),
		cmocka_unit_test(closing),
		cmocka_unit_test(missing_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
