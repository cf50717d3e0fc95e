// SPDX-License-Identifier: MIT
/* On any machine: what is not there, and what is built in, is told apart and never unloaded. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/module.h"

static void test_absent(void **state)
{
	char holders[16];

	assert_int_equal(sys_module_refcnt("gemrace_no_such"), -ENOENT);
	assert_int_equal(sys_module_holders("gemrace_no_such", holders, sizeof(holders)), -ENOENT);
	assert_int_equal(sys_device_module("/sys/devices/no-such", holders, sizeof(holders)),
			 -ENOENT);
}

/* The kernel's own parameters are always there, never with a count. */
static void test_built_in(void **state)
{
	if (access("/sys/module/kernel/parameters", F_OK))
		skip();
	assert_int_equal(sys_module_refcnt("kernel"), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_built_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
