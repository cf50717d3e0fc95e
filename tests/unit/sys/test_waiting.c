// SPDX-License-Identifier: MIT
/* Bounded waits: how often they look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/clock.h"
#include "sys/waiting.h"

static void looks_once_without_time(void **state)
{
	struct sys_wait wait = sys_wait_for(0, 1000000);

	assert_false(sys_wait_again(&wait));
	assert_false(sys_wait_again(&wait));
}

/* The pause is longer than the bound: what came meanwhile is to be seen. */
static void looks_once_after_the_end(void **state)
{
	struct sys_wait wait = sys_wait_for(1, 3000);

	assert_true(sys_wait_again(&wait));
	assert_false(sys_wait_again(&wait));
}

static void ends_no_earlier(void **state)
{
	uint64_t begin = sys_now_ms();
	struct sys_wait wait = sys_wait_for(20, 100);
	unsigned int looks = 1;

	while (sys_wait_again(&wait))
		looks++;
	assert_true(sys_now_ms() - begin >= 20);
	assert_true(looks >= 2);
}

/* As in a VM that is stopped again and again: each look takes longer than it may count for. */
static void long_looks_do_not_use_up_the_time(void **state)
{
	struct sys_wait wait = sys_wait_for(300, 0);
	unsigned int looks = 0;

	do {
		usleep(150000);
		looks++;
	} while (sys_wait_again(&wait));
	assert_int_equal(looks, 4); /* three that count a tenth of a second, and the last */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_once_without_time),
		cmocka_unit_test(looks_once_after_the_end),
		cmocka_unit_test(ends_no_earlier),
		cmocka_unit_test(long_looks_do_not_use_up_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
