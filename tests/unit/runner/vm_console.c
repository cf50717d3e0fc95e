// SPDX-License-Identifier: MIT
/* What the VM's console and channel say: kernel reports and IGT's marks. */
#include "vm/mark.h"
#include "vm/splat.h"

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
	"[   12.000000][  T812] WARNING: CPU: 0 PID: 812 at lib/refcount.c:28 refcount_warn_saturate",
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

static void titles_are_known(void **state)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
		assert_true(splat_is_title(titles[i]));
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		assert_false(splat_is_title(harmless[i]));
}

static void excerpt_starts_at_the_report(void **state)
{
	struct splat s = { 0 };
	char *text;

	for (size_t i = 0; i < sizeof(panic) / sizeof(*panic); i++)
		splat_line(&s, panic[i]);
	assert_true(s.panic);
	text = splat_excerpt(&s);
	assert_ptr_equal(strstr(text, panic[2]), text);
	assert_non_null(strstr(text, "Call Trace"));
	free(text);
	splat_finish(&s);
}

static void excerpt_without_report_is_the_tail(void **state)
{
	struct splat s = { 0 };
	char line[32], *text;

	assert_null(splat_excerpt(&s));
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "line %d.", i);
		splat_line(&s, line);
	}
	assert_false(s.panic || s.report);
	text = splat_excerpt(&s);
	assert_null(strstr(text, "line 69."));
	assert_ptr_equal(strstr(text, "line 70."), text);
	assert_non_null(strstr(text, "line 99."));
	free(text);
	splat_finish(&s);
}

static void a_flood_is_bounded(void **state)
{
	struct splat s = { 0 };

	for (int i = 0; i < 100000; i++)
		splat_line(&s, titles[0]);
	assert_int_equal(s.first_count, SPLAT_LINES);
	splat_finish(&s);
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
		cmocka_unit_test(marks_become_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
