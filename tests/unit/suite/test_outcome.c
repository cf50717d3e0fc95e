// SPDX-License-Identifier: MIT
/* What the lanes' calls came to, judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suite/outcome.h"

#define MS INT64_C(1000000)

/* The wait began at 0. */
static struct race_attempt ended(int64_t wait_ns, int64_t signal_ns)
{
	return (struct race_attempt){
		.lanes = 2,
		.lane = { { .end_ns = wait_ns }, { .end_ns = signal_ns } },
	};
}

static void a_wait_that_missed_the_signal_slept_through(void **state)
{
	struct race_attempt attempt = ended(2000 * MS, 1 * MS), early = ended(2 * MS, 1 * MS);

	assert_true(outcome_slept_through(&attempt, 2000));
	assert_true(outcome_slept_through(&early, 2000)); /* it gave up at once */
}

/* As in a VM that was stopped between the two. */
static void a_wait_whose_signal_came_late_did_not(void **state)
{
	struct race_attempt late = ended(3000 * MS, 2990 * MS), after = ended(2000 * MS, 2010 * MS);
	struct race_attempt slow = ended(5000 * MS, 2500 * MS); /* to come back from its wait */

	assert_false(outcome_slept_through(&late, 2000));
	assert_false(outcome_slept_through(&after, 2000));
	assert_false(outcome_slept_through(&slow, 2000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_that_missed_the_signal_slept_through),
		cmocka_unit_test(a_wait_whose_signal_came_late_did_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
