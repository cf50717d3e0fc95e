// SPDX-License-Identifier: MIT
/* What the VM's console and channel say: kernel reports and IGT's marks. */
#include "vm/excerpt.h"
#include "vm/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Recorded: sysrq c on 6.12 under QEMU. */
static const char *const panic[] = {
	"[    1.513973] mtrr: your CPUs had inconsistent variable MTRR settings",
	"[    8.089778] sysrq: Trigger a crash",
	"[    8.090001] Kernel panic - not syncing: sysrq triggered crash",
	"[    8.091000] CPU: 1 UID: 0 PID: 77 Comm: sh Not tainted 6.12.117+deb12-amd64 #1",
	"[    8.100000] Call Trace:",
	"[    8.101000]  <TASK>",
};

static const char *const titles[] = {
	"[   12.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008",
	"[   12.000000] BUG: KASAN: slab-use-after-free in drm_gem_object_free+0x1/0x2",
	"[   12.000000] Oops: 0000 [#1] PREEMPT SMP NOPTI",
	"[   12.000000] Oops: general protection fault, probably for non-canonical address: 0000",
	("[   12.000000][  T812] WARNING: CPU: 0 PID: 812 at lib/refcount.c:28 "
	 "refcount_warn_saturate"),
	"[  242.000000] INFO: task prime_self_impo:512 blocked for more than 120 seconds.",
	"kernel BUG at mm/slub.c:4!",
	"[   33.100000] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [a:1]",
};

static const char *const harmless[] = {
	"[    3.500771] amd_pstate: the _CPC object is not present in SBIOS or ACPI disabled",
	"[    8.089778] reboot: Power down",
	"[    0.100000] DEBUG: nothing",
	"[    0.000000] Linux version 6.12 WARNING in the middle: CPU",
	"",
	"[",
};

static bool is_report(const char *line)
{
	struct excerpt s = { 0 };
	bool report;

	excerpt_line(&s, line);
	report = s.report;
	excerpt_finish(&s);
	return report;
}

static void titles_are_known(void **state)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		assert_true(is_report(titles[i]));
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		assert_false(is_report(harmless[i]));
}

static void excerpt_starts_at_the_report(void **state)
{
	struct excerpt s = { 0 };
	char *text;

	for (size_t i = 0; i < sizeof(panic) / sizeof(*panic); i++)
		excerpt_line(&s, panic[i]);
	assert_true(s.panic);
	text = excerpt_text(&s);
	assert_ptr_equal(strstr(text, panic[2]), text);
	assert_non_null(strstr(text, "Call Trace"));
	free(text);
	excerpt_finish(&s);
}

static void excerpt_without_report_is_the_tail(void **state)
{
	struct excerpt s = { 0 };
	char line[32], *text;

	assert_null(excerpt_text(&s));
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "line %d.", i);
		excerpt_line(&s, line);
	}
	assert_false(s.panic || s.report);
	text = excerpt_text(&s);
	assert_null(strstr(text, "line 69."));
	assert_ptr_equal(strstr(text, "line 70."), text);
	assert_non_null(strstr(text, "line 99."));
	free(text);
	excerpt_finish(&s);
}

static void a_flood_is_bounded(void **state)
{
	struct excerpt s = { 0 };

	for (int i = 0; i < 100000; i++)
		excerpt_line(&s, titles[0]);
	assert_int_equal(s.head_count, EXCERPT_HEAD);
	excerpt_finish(&s);
}

/* A warning that was seen in time is the test's own; an oops may overtake the news of the next. */
static void a_new_subtest_starts_afresh(void **state)
{
	static const char warning[] =
		"[    1.0] WARNING: CPU: 0 PID: 812 at lib/refcount.c:28 refcount_warn_saturate";
	struct excerpt s = { 0 };
	char *text;

	excerpt_line(&s, warning);
	excerpt_begin(&s);
	assert_false(s.report);
	for (size_t i = 0; i < sizeof(panic) / sizeof(*panic); i++)
		excerpt_line(&s, panic[i]);
	excerpt_begin(&s);
	text = excerpt_text(&s);
	assert_ptr_equal(strstr(text, panic[2]), text);
	free(text);
	excerpt_finish(&s);
}

/* However long the first cry and what follows is, the panic at the end is there. */
static void the_end_is_kept(void **state)
{
	struct excerpt s = { 0 };
	char *text;

	for (int i = 0; i < 1000; i++)
		excerpt_line(&s, titles[0]);
	excerpt_line(&s, panic[2]);
	text = excerpt_text(&s);
	assert_ptr_equal(strstr(text, titles[0]), text);
	assert_non_null(strstr(text, "lines left out"));
	assert_non_null(strstr(text, panic[2]));
	free(text);
	excerpt_finish(&s);
}

static void marks_become_events(void **state)
{
	char start[] = "[IGT] gem_flink_race: starting subtest close-open";
	char dynamic[] = "[IGT] gem_flink_race: starting dynamic subtest vgem-0";
	char result[] = "[IGT] gem_flink_race: finished subtest close-open, SUCCESS";
	char executing[] = "[IGT] gem_flink_race: executing", other[] = "drm: starting subtest x";
	struct vm_event e;

	assert_true(mark_parse(start, NULL, &e));
	assert_int_equal(e.kind, VM_EVENT_SUBTEST_START);
	assert_string_equal(e.binary, "gem_flink_race");
	assert_string_equal(e.subtest, "close-open");
	assert_null(e.value);
	assert_true(mark_parse(dynamic, "close-open", &e));
	assert_int_equal(e.kind, VM_EVENT_DYNAMIC_START);
	assert_string_equal(e.subtest, "close-open");
	assert_string_equal(e.dynamic, "vgem-0");
	assert_true(mark_parse(result, NULL, &e));
	assert_int_equal(e.kind, VM_EVENT_SUBTEST_RESULT);
	assert_string_equal(e.value, "SUCCESS");
	assert_false(mark_parse(executing, NULL, &e));
	assert_false(mark_parse(other, NULL, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_are_known),
		cmocka_unit_test(excerpt_starts_at_the_report),
		cmocka_unit_test(excerpt_without_report_is_the_tail),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(a_new_subtest_starts_afresh),
		cmocka_unit_test(the_end_is_kept),
		cmocka_unit_test(marks_become_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
