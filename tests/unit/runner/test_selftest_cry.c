// SPDX-License-Identifier: MIT
/* What `gemrace vm --selftest` takes for a cry that was heard, and what not. */
#include "unit.h"

#include "cmd/expect.h"
#include "cmd/vm.h"

#define TITLE "WARNING in cry_warn_on"

static const struct expectation warning = { .binary = "selftest_cries",
					    .subtest = "warning-without-text",
					    .word = "dmesg-fail" };
static const struct expectation kasan = { .binary = "selftest_cries",
					  .subtest = "use-after-free",
					  .word = "dmesg-fail" };

static json_t *record(const char *out, const char *err)
{
	return json_pack("{s:s, s:s, s:s}", "result", "dmesg-fail", "out", out, "err", err);
}

static const char *problem(const char *out, const char *err, char buf[200])
{
	const struct expectation *e = expectation_find(warning.binary, warning.subtest);
	json_t *test = record(out, err);
	const char *ret = selftest_cry_problem(test, e->cry, buf, 200);

	json_decref(test);
	return ret;
}

static void heard(void **state)
{
	static const char good[] = "warning: " TITLE
				   "\n  fingerprint 0123456789abcdef, at 5.07 s, in selftest_cries "
				   "(pid 143), module cry\n  cry_warn_on <-\n";
	static const char said[] = "(selftest_cries:1) CRITICAL: " TITLE
				   " [warning 0123456789abcdef]\n";
	static const struct {
		const char *out, *err, *problem;
	} rows[] = {
		{ good, said, NULL },
		{ "", said, "without its cry" },
		{ "warning: WARNING in cry_warn\n", said, "without its cry" },
		{ "warning: " TITLE "\n  fingerprint 0, at 5.07 s, in selftest_cries (pid 1)\n",
		  said, "without its module" },
		{ "warning: " TITLE "\n  fingerprint 0, at 5.07 s, in sh (pid 1), module cry\n",
		  said, "without its task" },
		{ "warning: " TITLE "\n", said, "without its module" },
		{ good, "(selftest_cries:1) CRITICAL: leak: drm file on card0\n",
		  "with more than its cry: leak: drm file on card0" },
		{ good, "(selftest_cries:1) CRITICAL: BUG: x [bug 0123456789abcdee]\n",
		  "with more than its cry: BUG: x" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char buf[200];
		const char *seen = problem(rows[i].out, rows[i].err, buf);

		if (rows[i].problem)
			assert_string_equal(seen ? seen : "none", rows[i].problem);
		else
			assert_null(seen);
	}
}

static bool may_skip(const char *result, const char *out, const struct expectation *e,
		     bool has_module)
{
	json_t *test = json_pack("{s:s, s:s}", "result", result, "out", out);
	bool ret = selftest_may_skip(test, e, has_module);

	json_decref(test);
	return ret;
}

/* A skip counts only with the reason that is due. */
static void skipped(void **state)
{
	static const char no_kasan[] = "Test requirement: no KASAN in this kernel\n";
	static const char no_module[] = "Test requirement: no module that cries for this kernel\n";

	assert_true(may_skip("skip", no_kasan, &kasan, true));
	assert_true(may_skip("skip", no_module, &kasan, false));
	assert_true(may_skip("skip", no_module, &warning, false));
	assert_false(may_skip("skip", no_module, &kasan, true));
	assert_false(may_skip("skip", no_kasan, &warning, true));
	assert_false(may_skip("skip", "", &kasan, true));
	assert_false(may_skip("pass", no_kasan, &kasan, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heard),
		cmocka_unit_test(skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
