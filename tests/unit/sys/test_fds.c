// SPDX-License-Identifier: MIT
/* Passing fds, running out of them, and failing allocations where the kernel has that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.h"
#include "sys/fdpass.h"
#include "sys/fdtable.h"

static void passed(void **state)
{
	struct stat sent, received;
	int pair[2], fd, got;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(sys_fd_send(pair[0], fd), 0);
	got = sys_fd_receive(pair[1]);
	assert_true(got >= 0 && got != fd);
	assert_int_equal(fstat(fd, &sent), 0);
	assert_int_equal(fstat(got, &received), 0);
	assert_int_equal(sent.st_rdev, received.st_rdev);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(got);
	close(pair[0]);
	close(pair[1]);
}

static void not_passed(void **state)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(send(pair[0], "x", 1, 0), 1);
	assert_int_equal(sys_fd_receive(pair[1]), -ENOMSG);
	assert_int_equal(sys_fd_send(pair[0], -1), -EBADF);
	close(pair[1]);
	assert_true(sys_fd_send(pair[0], 0) < 0);
	close(pair[0]);
	assert_int_equal(sys_fd_receive(-1), -EBADF);
}

/* Holes below the highest fd are filled too, and come back. */
static void full_table(void **state)
{
	struct sys_fdtable table;
	int hole = open("/dev/null", O_RDONLY), top = fcntl(hole, F_DUPFD, hole + 20);
	int lowest;

	assert_true(hole >= 0 && top >= 0);
	close(hole);
	lowest = sys_lowest_fd();
	assert_int_equal(lowest, hole);
	assert_int_equal(sys_fdtable_fill(&table), 0);
	assert_int_equal(dup(top), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(sys_lowest_fd(), -EMFILE);
	sys_fdtable_restore(&table);
	assert_int_equal(sys_lowest_fd(), lowest);
	sys_fdtable_restore(&table); /* twice does no harm */
	close(top);
}

static void faults(void **state)
{
	struct sys_fault fault;
	bool injected = true;
	int ret = sys_fault_open(&fault);

	if (ret) {
		assert_true(ret == -ENOENT || ret == -EACCES || ret == -EPERM);
		sys_fault_close(&fault);
		skip();
	}
	assert_int_equal(sys_fault_arm(&fault, 1), 0);
	assert_int_equal(open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(sys_fault_disarm(&fault, &injected), 0);
	assert_true(injected);
	assert_int_equal(sys_fault_arm(&fault, 1000000), 0);
	assert_int_equal(sys_fault_disarm(&fault, &injected), 0);
	assert_false(injected);
	sys_fault_close(&fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passed),
		cmocka_unit_test(not_passed),
		cmocka_unit_test(full_table),
		cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
