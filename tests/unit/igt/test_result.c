// SPDX-License-Identifier: MIT
/* Results: words, exit codes, and how parts make a whole. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "igt/result.h"
#include "igt/state.h"

static const enum igt_result all[] = {
	IGT_RESULT_NONE, IGT_RESULT_SKIP,  IGT_RESULT_SUCCESS,
	IGT_RESULT_FAIL, IGT_RESULT_CRASH, IGT_RESULT_ABORT,
};

#define ALL (sizeof(all) / sizeof(all[0]))

static void words(void **state)
{
	assert_string_equal(igt_result_word(IGT_RESULT_SUCCESS), "SUCCESS");
	assert_string_equal(igt_result_word(IGT_RESULT_SKIP), "SKIP");
	assert_string_equal(igt_result_word(IGT_RESULT_FAIL), "FAIL");
	assert_string_equal(igt_result_word(IGT_RESULT_CRASH), "CRASH");
}

static void exit_codes(void **state)
{
	assert_int_equal(igt_result_exit_code(IGT_RESULT_NONE, 0), 77);
	assert_int_equal(igt_result_exit_code(IGT_RESULT_SKIP, 0), 77);
	assert_int_equal(igt_result_exit_code(IGT_RESULT_SUCCESS, 0), 0);
	assert_int_equal(igt_result_exit_code(IGT_RESULT_FAIL, 0), 98);
	assert_int_equal(igt_result_exit_code(IGT_RESULT_CRASH, SIGSEGV), 139);
	assert_int_equal(igt_result_exit_code(IGT_RESULT_ABORT, 0), 112);
	/* the signal counts for a crash alone */
	assert_int_equal(igt_result_exit_code(IGT_RESULT_FAIL, SIGSEGV), 98);
}

/* Whatever the order in which results come, the whole is the same, and nothing hides a failure. */
static void merge(void **state)
{
	for (size_t a = 0; a < ALL; a++) {
		assert_int_equal(igt_result_merge(all[a], all[a]), all[a]);
		assert_int_equal(igt_result_merge(IGT_RESULT_NONE, all[a]), all[a]);
		for (size_t b = 0; b < ALL; b++) {
			enum igt_result ab = igt_result_merge(all[a], all[b]);

			assert_int_equal(ab, igt_result_merge(all[b], all[a]));
			assert_true(ab == all[a] || ab == all[b]);
			for (size_t c = 0; c < ALL; c++)
				assert_int_equal(
					igt_result_merge(ab, all[c]),
					igt_result_merge(all[a], igt_result_merge(all[b], all[c])));
		}
	}
	assert_int_equal(igt_result_merge(IGT_RESULT_SKIP, IGT_RESULT_SUCCESS), IGT_RESULT_SUCCESS);
	assert_int_equal(igt_result_merge(IGT_RESULT_SUCCESS, IGT_RESULT_FAIL), IGT_RESULT_FAIL);
	assert_int_equal(igt_result_merge(IGT_RESULT_FAIL, IGT_RESULT_CRASH), IGT_RESULT_CRASH);
	assert_int_equal(igt_result_merge(IGT_RESULT_CRASH, IGT_RESULT_ABORT), IGT_RESULT_ABORT);
}

/* wait(2)'s encoding on Linux: the exit status in bits 8-15, a signal in bits 0-6. */
static void from_status(void **state)
{
	assert_int_equal(igt_result_from_status(0 << 8), IGT_RESULT_SUCCESS);
	assert_int_equal(igt_result_from_status(77 << 8), IGT_RESULT_SKIP);
	assert_int_equal(igt_result_from_status(98 << 8), IGT_RESULT_FAIL);
	assert_int_equal(igt_result_from_status(112 << 8), IGT_RESULT_ABORT);
	assert_int_equal(igt_result_from_status(1 << 8), IGT_RESULT_FAIL);
	assert_int_equal(igt_result_from_status(SIGSEGV), IGT_RESULT_CRASH);
	assert_int_equal(igt_result_from_status(SIGKILL), IGT_RESULT_CRASH);
	assert_int_equal(igt_result_from_status(SIGSEGV | 0x80), IGT_RESULT_CRASH);
}

/* Of several threads or children the first to fail is reported, whoever skipped before it. */
static void outcome(void **state)
{
	struct igt_outcome first = { 0 };
	char reason[2 * IGT_REASON_MAX];

	assert_int_equal(igt_outcome_get(&first), IGT_RESULT_NONE);
	igt_outcome_set(&first, IGT_RESULT_SKIP, 0, "one");
	igt_outcome_set(&first, IGT_RESULT_FAIL, 0, "two");
	igt_outcome_set(&first, IGT_RESULT_FAIL, 0, "three");
	igt_outcome_set(&first, IGT_RESULT_SKIP, 0, "four");
	assert_int_equal(igt_outcome_get(&first), IGT_RESULT_FAIL);
	assert_string_equal(igt_outcome_reason(&first), "two");
	assert_true(first.any);

	igt_outcome_clear(&first);
	assert_int_equal(igt_outcome_get(&first), IGT_RESULT_NONE);
	for (size_t i = 0; i < sizeof(reason) - 1; i++)
		reason[i] = 'x';
	reason[sizeof(reason) - 1] = '\0';
	igt_outcome_set(&first, IGT_RESULT_CRASH, SIGBUS, reason);
	assert_int_equal(igt_outcome_sig(&first), SIGBUS);
	assert_int_equal(strlen(igt_outcome_reason(&first)), IGT_REASON_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),   cmocka_unit_test(exit_codes),
		cmocka_unit_test(merge),   cmocka_unit_test(from_status),
		cmocka_unit_test(outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
