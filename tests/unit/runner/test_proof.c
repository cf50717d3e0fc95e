// SPDX-License-Identifier: MIT
/* From the results of boots to a verdict on a mutant, and to the page for people. */
#include "unit.h"

#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"
#include "prove/proof.h"
#include "prove/report.h"

#include <unistd.h>

static const struct mutant bug = { .id = (char *)"no-get", .kind = MUTANT_RACE };
static const struct mutant repair = { .id = (char *)"good", .kind = MUTANT_REPAIR };

static json_t *results(const char *tests)
{
	char *text = text_printf("{\"tests\":{%s}}", tests);
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	free(text);
	return root;
}

static void add(struct proof *p, const char *tests, const struct proof *control, int boot)
{
	json_t *root = results(tests);

	assert_int_equal(proof_add_results(p, root, control, boot), 0);
	json_decref(root);
}

#define PASS "\"igt@a@b\":{\"result\":\"pass\"}"
#define SKIP "\"igt@a@b\":{\"result\":\"skip\",\"out\":\"r: underpowered: 2 of 9\\n\"}"
#define FAIL_IN(s)                                                                                 \
	"\"igt@a@b\":{\"result\":\"fail\",\"out\":\"  12 attempts in " s " s (9/s)\\n\","          \
	"\"err\":\"(a:1) CRITICAL: two dma-bufs\\n\"}"

static void a_failed_test_is_a_kill(void **state)
{
	struct proof p = { .mutant = &bug };

	for (int boot = 0; boot < 3; boot++)
		add(&p, boot == 0 ? FAIL_IN("0.5") : boot == 1 ? PASS : FAIL_IN("2.5"), NULL, boot);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_KILLED);
	assert_string_equal(proof_word(&p), "killed");
	assert_int_equal(p.boots, 3);
	assert_int_equal(p.boots_killed, 2);
	assert_string_equal(proof_quickest(&p)->subtest, "a@b");
	assert_string_equal(proof_quickest(&p)->evidence, "two dma-bufs");
	assert_int_equal(proof_quickest(&p)->attempts, 12);
	assert_float_equal(proof_percentile(&p, 50), 0.5, 1e-9);
	assert_float_equal(proof_percentile(&p, 95), 2.5, 1e-9);
	proof_finish(&p);
}

static void only_seconds_are_known(const struct proof *p, double seconds)
{
	assert_float_equal(p->kills[0].seconds, seconds, 1e-6);
	assert_int_equal(p->kills[0].attempts, -1);
}

static void time_is_the_kernels_where_it_cried_out(void **state)
{
	struct proof p = { .mutant = &bug };

	add(&p,
	    "\"igt@a@b\":{\"result\":\"incomplete\",\"dmesg\":"
	    "\"<6> [10.000000] [IGT] a: starting subtest b\\n"
	    "<6> [10.500000] [IGT] a: starting dynamic subtest vgem\\n"
	    "<1> [10.750000] BUG: unable to handle page fault\\n\"}",
	    NULL, 0);
	only_seconds_are_known(&p, 0.25);
	proof_finish(&p);

	/* the console's words behind a log that was cut short; a race that was lost in its first */
	add(&p,
	    "\"igt@a@b\":{\"result\":\"incomplete\",\"title\":\"BUG: bad\","
	    "\"out\":\"  0 attempts in 0.0 s\\n\",\"dmesg\":"
	    "\"<6> [10.000000] [IGT] a: starting subtest b\\n[   10.125000] BUG: bad\\n\"}",
	    NULL, 0);
	only_seconds_are_known(&p, 0.125);
	assert_string_equal(p.kills[0].evidence, "BUG: bad");
	proof_finish(&p);

	/* a race that saw nothing of it, and ran its whole time */
	add(&p,
	    "\"igt@a@b\":{\"result\":\"abort\",\"out\":"
	    "\"b: held: 2466 attempts\\n  2466 attempts in 1.0 s (2464/s)\\n\",\"dmesg\":"
	    "\"<6> [10.000000] [IGT] a: starting subtest b\\n<4> [10.125000] refcount_t: bad\\n\"}",
	    NULL, 0);
	only_seconds_are_known(&p, 0.125);
	proof_finish(&p);

	add(&p, "\"igt@a@b\":{\"result\":\"incomplete\"}", NULL, 0);
	assert_true(p.kills[0].seconds < 0); /* not 0: it is not known */
	proof_finish(&p);
}

static void what_fails_on_stock_proves_nothing(void **state)
{
	struct proof control = { .mutant = NULL }, p = { .mutant = &bug };

	add(&control, FAIL_IN("1"), NULL, 0);
	proof_settle(&control);
	assert_string_equal(proof_word(&control), "NOT CLEAN");
	add(&p, FAIL_IN("1"), &control, 0);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_SURVIVED);
	assert_string_equal(proof_word(&p), "SURVIVED");
	proof_finish(&p);
	proof_finish(&control);

	add(&control, PASS, NULL, 0);
	proof_settle(&control);
	assert_string_equal(proof_word(&control), "clean");
	proof_finish(&control);
}

/* A defect of the stock kernel that is known leaves it clean, and by itself proves nothing. */
static void a_known_defect_is_neither(void **state)
{
#define KNOWN "\"igt@a@b\":{\"result\":\"fail\",\"known\":\"R1\"}"
	struct proof control = { .mutant = NULL }, p = { .mutant = &bug };

	add(&control, KNOWN, NULL, 0);
	proof_settle(&control);
	assert_string_equal(proof_word(&control), "clean");
	assert_true(proof_has_kill(&control, "a@b"));
	add(&p, KNOWN, &control, 0);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_SURVIVED);
	add(&p, FAIL_IN("1"), &control, 1); /* the same test, and something else */
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_KILLED);
	proof_finish(&p);
	proof_finish(&control);
}

static void too_little_power_is_no_survival(void **state)
{
	struct proof p = { .mutant = &bug };

	add(&p, SKIP, NULL, 0);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_INCONCLUSIVE);
	assert_string_equal(p.why, "a@b was underpowered");
	add(&p, FAIL_IN("1"), NULL, 1);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_KILLED);
	assert_null(p.why);
	proof_finish(&p);
}

static void what_was_skipped_proves_nothing(void **state)
{
	struct proof p = { .mutant = &bug };

	add(&p, "\"igt@a@b\":{\"result\":\"skip\"}", NULL, 0);
	proof_settle(&p);
	assert_int_equal(p.status, PROOF_INCONCLUSIVE);
	assert_string_equal(p.why, "every test was skipped");
	proof_finish(&p);
}

static void a_repair_must_pass(void **state)
{
	struct proof control = { .mutant = NULL }, p = { .mutant = &repair };

	add(&p, PASS, NULL, 0);
	proof_settle(&p);
	assert_string_equal(proof_word(&p), "passed");
	assert_false(proof_is_of_bug(&p));
	proof_finish(&p);

	/* what is known of the stock kernel is what it repairs */
	add(&control, KNOWN, NULL, 0);
	p.mutant = &repair;
	add(&p, KNOWN, &control, 0);
	proof_settle(&p);
	assert_string_equal(proof_word(&p), "FAILED");
	proof_finish(&p);
	proof_finish(&control);
}

static const char record[] =
	"{\"kernel\":\"7.2.13\",\"origin\":\"debian:7.2\",\"date\":\"2026-01-02\","
	"\"detectors\":[\"kasan\"],\"profile\":\"quick\",\"blind\":true,\"boots\":10,"
	"\"controls\":{\"gemrace\":[{\"devices\":\"vgem\",\"status\":\"clean\",\"boots\":10}]},"
	"\"mutants\":["
	"{\"id\":\"k\",\"kind\":\"race\",\"title\":\"t\",\"status\":\"killed\",\"killed\":true,"
	"\"subtest\":\"a@b\",\"evidence\":\"x | y\",\"attempts\":12,\"boots\":10,"
	"\"boots_killed\":9,\"median_s\":0.5,\"p95_s\":2.25,"
	"\"kills\":[{\"boot\":0,\"seconds\":0.5},{\"boot\":1,\"seconds\":2.25},"
	"{\"boot\":1,\"seconds\":7}],"
	"\"igt\":{\"status\":\"SURVIVED\",\"killed\":false}},"
	"{\"id\":\"s\",\"kind\":\"det\",\"title\":\"lives\",\"status\":\"SURVIVED\","
	"\"killed\":false,\"survives\":\"nothing can see it\"}]}";

static const char repaired[] =
	"{\"kernel\":\"7.2.13\",\"origin\":\"debian:7.2\",\"date\":\"2026-01-02\","
	"\"detectors\":[],\"profile\":\"quick\",\"boots\":2,\"controls\":{\"gemrace\":[]},"
	"\"mutants\":[{\"id\":\"r\",\"kind\":\"repair\",\"title\":\"t\",\"status\":\"passed\","
	"\"killed\":false}]}";

/* The page about a record; the caller frees. */
static char *page_of(const char *run_text)
{
	json_t *run = json_loads(run_text, 0, NULL);
	char path[] = "/tmp/gemrace-report-XXXXXX", *text = NULL;
	struct diag d;

	assert_non_null(run);
	close(mkstemp(path));
	assert_int_equal(report_write(path, NULL, run, &d), 0);
	assert_int_equal(file_read(path, &text, NULL), 0);
	json_decref(run);
	unlink(path);
	return text;
}

static void the_page_has_survivors_first(void **state)
{
	char *text = page_of(record), *survivor, *killed;

	assert_non_null(strstr(text, "**1 of 2 mutants killed; by IGT's own tests 0 of 1.**"));
	assert_non_null(strstr(text, "over 2 boots that killed: median 0.50, 95 % within 2.25."));
	survivor = strstr(text, "- **s** (SURVIVED): lives. nothing can see it");
	killed = strstr(text, "| k | race | 9/10 | 0.50 / 2.25 | 12 | `a@b`: x \\| y |");
	assert_non_null(survivor);
	assert_non_null(killed);
	assert_true(survivor < killed);
	assert_non_null(strstr(text, "stock kernel, vgem, gemrace's tests, 10 boots: clean"));
	free(text);
}

static void a_page_of_a_repair_counts_no_bugs(void **state)
{
	char *text = page_of(repaired);

	assert_null(strstr(text, "mutants killed"));
	assert_null(strstr(text, "Bugs put back"));
	assert_non_null(strstr(text, "| r | repair | passed |"));
	free(text);
}

static void only_records_go_into_a_page(void **state)
{
	const char *const missing[] = { "/nonexistent.json", NULL };
	const char *const other[] = { DATA "/results.json", NULL };
	struct diag d;

	assert_int_equal(report_check(NULL, &d), 0);
	assert_true(report_check(missing, &d) < 0);
	assert_int_equal(d.status, GEMRACE_USAGE);
	assert_true(report_check(other, &d) < 0);
	assert_non_null(strstr(d.text, "not written by gemrace prove"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_test_is_a_kill),
		cmocka_unit_test(time_is_the_kernels_where_it_cried_out),
		cmocka_unit_test(what_fails_on_stock_proves_nothing),
		cmocka_unit_test(a_known_defect_is_neither),
		cmocka_unit_test(too_little_power_is_no_survival),
		cmocka_unit_test(what_was_skipped_proves_nothing),
		cmocka_unit_test(a_repair_must_pass),
		cmocka_unit_test(the_page_has_survivors_first),
		cmocka_unit_test(a_page_of_a_repair_counts_no_bugs),
		cmocka_unit_test(only_records_go_into_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
