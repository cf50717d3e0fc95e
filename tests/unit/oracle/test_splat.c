// SPDX-License-Identifier: MIT
/*
 * Cries of three kernels, each provoked on purpose in a VM between two marks in the log, and some
 * written after the kernel's source where no packaged kernel has the detector.
 */
#include "sample.h"

#include "oracle/splat.h"
#include "oracle/splat_title.h"

static void feed_line(struct splat_scan *scan, struct text line)
{
	struct kmsg_record record;

	if (!kmsg_parse(line, &record))
		assert_int_equal(splat_scan_feed(scan, &record), 0);
}

static void feed_text(struct splat_scan *scan, const char *s)
{
	struct kmsg_record record = { .level = 4, .seq = 1 };
	struct text text = { s, strlen(s) }, line;

	while (text_line(&text, &line)) {
		record.text = line;
		assert_int_equal(splat_scan_feed(scan, &record), 0);
		record.seq++;
	}
}

/* The first cry after "starting subtest NAME", one row for all kernels: titles do not differ. */
static const struct {
	const char *mark;
	enum splat_kind kind;
	const char *title;
	const char *frame;
	bool died;
} cries[] = {
	{ "hung", SPLAT_HUNG_TASK, "INFO: hung task in cry_hung", "cry_hung", false },
	{ "warn", SPLAT_WARNING, "WARNING: cry N on purpose in cry_warn", "cry_warn", false },
	{ "warn_on", SPLAT_WARNING, "WARNING in cry_warn_on", "cry_warn_on", false },
	{ "refcount", SPLAT_REFCOUNT, "refcount_t: addition on N; use-after-free. in cry_refcount",
	  "cry_refcount", false },
	{ "refunder", SPLAT_REFCOUNT, "refcount_t: underflow; use-after-free. in cry_refunder",
	  "cry_refunder", false },
	{ "soft", SPLAT_RCU_STALL, "INFO: RCU stall in cry_soft", "cry_soft", false },
	{ "rcu", SPLAT_RCU_STALL, "INFO: RCU stall in cry_rcu", "cry_rcu", false },
	{ "atomic", SPLAT_ATOMIC, "BUG: scheduling while atomic in cry_atomic", "cry_atomic",
	  false },
	{ "slab", SPLAT_SLAB, NULL, "cry_slab", false },
	{ "cache", SPLAT_SLAB, NULL, "__kmem_cache_shutdown", false },
	{ "list", SPLAT_LIST,
	  "list_del corruption. prev->next should be X, but was X. (prev=X)"
	  " in cry_list",
	  "cry_list", true },
	{ "bug", SPLAT_BUG, "kernel BUG at cry.c:N! in cry_bug", "cry_bug", true },
	{ "null", SPLAT_OOPS, "BUG: kernel NULL pointer dereference in cry_null", "cry_null",
	  true },
	{ "gp", SPLAT_OOPS, "general protection fault in cry_gp", "cry_gp", true },
};

#define NR_CRIES (sizeof(cries) / sizeof(cries[0]))

static const struct splat *find_kind(struct splat_scan *scan, enum splat_kind kind)
{
	size_t nr;
	const struct splat *splats = splat_scan_result(scan, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (splats[i].kind == kind && splats[i].task[0] &&
		    strncmp(splats[i].task, "kworker", 7))
			return &splats[i];
	}
	return NULL;
}

static void check_cry(const char *version, size_t i, const char *buf, size_t len)
{
	struct text text = between_marks(buf, len, cries[i].mark), line;
	struct splat_scan *scan = splat_scan_new();
	const struct splat *splat;

	while (text_line(&text, &line))
		feed_line(scan, line);
	splat = find_kind(scan, cries[i].kind);
	if (!splat)
		fail_msg("%s: %s was not heard", version, cries[i].mark);
	if (cries[i].title)
		assert_string_equal(splat->title, cries[i].title);
	assert_true(splat->nr_frames >= 2);
	assert_string_equal(splat->frames[0], cries[i].frame);
	assert_string_equal(splat->module, "cry");
	assert_string_equal(splat->task, "sh");
	assert_true(splat->pid > 1);
	assert_int_equal(splat->died, cries[i].died);
	splat_scan_free(scan);
}

static void recorded(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		size_t len;
		char *buf = read_sample(versions[v], "kmsg", &len);

		for (size_t i = 0; i < NR_CRIES; i++)
			check_cry(versions[v], i, buf, len);
		free(buf);
	}
}

/* One bug, one fingerprint, whatever the kernel, the boot and the process. */
static void fingerprints(void **state)
{
	static const struct {
		const char *mark;
		enum splat_kind kind;
	} stable[] = {
		{ "hung", SPLAT_HUNG_TASK },  { "warn", SPLAT_WARNING },
		{ "warn_on", SPLAT_WARNING }, { "refcount", SPLAT_REFCOUNT },
		{ "soft", SPLAT_LOCKUP },     { "atomic", SPLAT_ATOMIC },
		{ "list", SPLAT_LIST },       { "bug", SPLAT_BUG },
		{ "null", SPLAT_OOPS },       { "gp", SPLAT_OOPS },
	};
	char first[sizeof(stable) / sizeof(stable[0])][17];

	for (size_t v = 0; v < NR_VERSIONS; v++) {
		size_t len;
		char *buf = read_sample(versions[v], "kmsg", &len);

		for (size_t i = 0; i < sizeof(stable) / sizeof(stable[0]); i++) {
			struct text text = between_marks(buf, len, stable[i].mark), line;
			struct splat_scan *scan = splat_scan_new();
			char fingerprint[17];

			while (text_line(&text, &line))
				feed_line(scan, line);
			assert_non_null(find_kind(scan, stable[i].kind));
			splat_fingerprint(find_kind(scan, stable[i].kind), fingerprint);
			if (!v)
				strcpy(first[i], fingerprint);
			else
				assert_string_equal(first[i], fingerprint);
			for (size_t j = 0; j < i; j++)
				assert_string_not_equal(first[j], fingerprint);
			splat_scan_free(scan);
		}
		free(buf);
	}
}

static const struct {
	enum splat_kind kind;
	const char *title;
	const char *text;
} written[] = {
	{ SPLAT_KASAN, "BUG: KASAN: slab-use-after-free in drm_gem_object_lookup",
	  "==================================================================\n"
	  "BUG: KASAN: slab-use-after-free in drm_gem_object_lookup+0x123/0x180 [drm]\n"
	  "Read of size 4 at addr ffff888007d2c000 by task gem_flink_race/123\n\n"
	  "CPU: 1 UID: 0 PID: 123 Comm: gem_flink_race Not tainted 7.2.13 #1\n"
	  "Call Trace:\n <TASK>\n dump_stack_lvl+0x53/0x70\n print_report+0xc1/0x600\n"
	  " kasan_report+0xbe/0x1a0\n drm_gem_object_lookup+0x123/0x180 [drm]\n"
	  " drm_gem_flink_ioctl+0x40/0x90 [drm]\n </TASK>\n\n"
	  "Allocated by task 122:\n kasan_save_stack+0x20/0x40\n" },
	{ SPLAT_KFENCE, "BUG: KFENCE: use-after-free read in vgem_fence_release",
	  "BUG: KFENCE: use-after-free read in vgem_fence_release+0x10/0x20 [vgem]\n\n"
	  "CPU: 0 PID: 5 Comm: a b Not tainted 6.12\n" },
	{ SPLAT_KCSAN, "BUG: KCSAN: data-race in a / b", "BUG: KCSAN: data-race in a / b\n" },
	{ SPLAT_UBSAN, "UBSAN: array-index-out-of-bounds in drivers/gpu/drm/x.c:N:N",
	  "------------[ cut here ]------------\n"
	  "UBSAN: array-index-out-of-bounds in drivers/gpu/drm/x.c:12:3\n"
	  "index 7 is out of range for type 'int [4]'\n" },
	{ SPLAT_LOCKDEP, "WARNING: possible circular locking dependency detected in drm_f",
	  "======================================================\n"
	  "WARNING: possible circular locking dependency detected\n"
	  "7.2.13 #1 Not tainted\n------------------------------------------------------\n"
	  "x/12 is trying to acquire lock:\nffff8880 (&a){+.+.}-{4:4}, at: f+0x1/0x2\n"
	  "stack backtrace:\nCPU: 0 UID: 0 PID: 12 Comm: x Not tainted 7.2.13 #1\n"
	  "Call Trace:\n <TASK>\n dump_stack_lvl+0x5/0x7\n print_circular_bug+0x1/0x2\n"
	  " check_noncircular+0x1/0x2\n __lock_acquire+0x1/0x2\n lock_acquire+0x1/0x2\n"
	  " drm_f+0x1/0x2\n </TASK>\n" },
	{ SPLAT_LOCKDEP, "[ BUG: Invalid wait context ]", "[ BUG: Invalid wait context ]\n" },
	{ SPLAT_DEBUG_OBJECTS,
	  "ODEBUG: free active (active state N) object: X object type: "
	  "timer_list hint: vgem_fence_timeout in vgem_exit",
	  "------------[ cut here ]------------\n"
	  "ODEBUG: free active (active state 0) object: ffff888001234567 object type: timer_list "
	  "hint: vgem_fence_timeout+0x0/0x20 [vgem]\n"
	  "WARNING: CPU: 0 PID: 9 at lib/debugobjects.c:514 debug_print_object+0xaa/0x100\n"
	  "CPU: 0 PID: 9 Comm: rmmod Tainted: G 6.12\nRIP: 0010:debug_print_object+0xaa/0x100\n"
	  "Call Trace:\n <TASK>\n vgem_exit+0x10/0x20 [vgem]\n </TASK>\n" },
	{ SPLAT_LOCKUP, "hard lockup", "NMI watchdog: Watchdog detected hard LOCKUP on cpu 1\n" },
	{ SPLAT_KMEMLEAK, "kmemleak: new suspected memory leaks",
	  "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)\n" },
	{ SPLAT_PANIC, "Kernel panic - not syncing: sysrq triggered crash",
	  "Kernel panic - not syncing: sysrq triggered crash\n" },
	{ SPLAT_ATOMIC, "BUG: sleeping function called from invalid context at mm/util.c:N",
	  "BUG: sleeping function called from invalid context at mm/util.c:12\n" },
	{ SPLAT_HUNG_TASK, "INFO: hung task",
	  "INFO: task kworker/0:1:77 blocked for more than 120 seconds.\n" },
	{ SPLAT_OOPS, "BUG: unable to handle page fault",
	  "BUG: unable to handle page fault for address: ffffffffc0551234\n"
	  "#PF: supervisor instruction fetch in kernel mode\nOops: 0010 [#1] PREEMPT SMP\n"
	  "Kernel panic - not syncing: Fatal exception in interrupt\n" },
	{ SPLAT_KASAN, "BUG: KASAN: slab-use-after-free in fget_task_next",
	  "BUG: KASAN: slab-use-after-free in fget_task_next+0x1b4/0x430\n"
	  "Write of size 8 at addr ff1100003defc150 by task error_paths/45\n"
	  "CPU: 0 UID: 0 PID: 45 Comm: error_paths Not tainted 7.2.13 #1\n"
	  "Call Trace:\n <TASK>\n fget_task_next+0x1b4/0x430\n </TASK>\n"
	  "Kernel panic - not syncing: kasan.fault=panic set ...\n"
	  "Call Trace:\n <TASK>\n vpanic+0x407/0x500\n end_report+0x1/0x2\n </TASK>\n" },
	{ SPLAT_RCU_STALL, "INFO: RCU stall in queued_spin_lock_slowpath",
	  "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
	  "rcu: \t1-...0: (1 GPs behind) idle=f194/1/0x4000000000000000 softirq=502/503 fqs=1281\n"
	  "CPU: 1 UID: 0 PID: 45 Comm: sw_sync_lifetim Tainted: G 7.2.13 #1\n"
	  "RIP: 0010:queued_spin_lock_slowpath+0x1/0x2\n"
	  "Kernel panic - not syncing: RCU Stall\n"
	  "Call Trace:\n <IRQ>\n vpanic+0x407/0x500\n rcu_sched_clock_irq+0x1/0x2\n </IRQ>\n" },
	{ SPLAT_OOPS, "BUG: unable to handle page fault in dma_fence_release",
	  "BUG: unable to handle page fault for address: ffffffffc0551234\n"
	  "Oops: Oops: 0000 [#1] SMP KASAN\nRIP: 0010:dma_fence_release+0x1/0x2\n"
	  "Call Trace:\n <TASK>\n sync_file_release+0x1/0x2\n </TASK>\n"
	  "---[ end trace 0000000000000000 ]---\n"
	  "BUG: sleeping function called from invalid context at include/linux/cgroup-defs.h:917\n"
	  "Call Trace:\n <TASK>\n dump_stack_lvl+0x1/0x2\n __might_resched+0x1/0x2\n"
	  " exit_signals+0x1/0x2\n do_exit+0x1/0x2\n make_task_dead+0x1/0x2\n </TASK>\n" },
};

static void by_the_source(void **state)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		struct splat_scan *scan = splat_scan_new();
		const struct splat *splats;
		size_t nr;

		feed_text(scan, written[i].text);
		splats = splat_scan_result(scan, &nr);
		if (nr != 1)
			fail_msg("%s: heard %zu times", written[i].title, nr);
		assert_string_equal(splats[0].title, written[i].title);
		assert_int_equal(splats[0].kind, written[i].kind);
		splat_scan_free(scan);
	}
}

static void tasks(void **state)
{
	struct splat_scan *scan = splat_scan_new();
	const struct splat *splats;
	size_t nr;

	feed_text(scan, "INFO: task kworker/0:1:77 blocked for more than 120 seconds.\n"
			"INFO: task sh:78 is blocked on a mutex likely owned by task x:79.\n"
			"BUG: KFENCE: x in y\nCPU: 0 UID: 0 PID: 5 Comm: a b Not tainted 6.12\n");
	splats = splat_scan_result(scan, &nr);
	assert_int_equal(nr, 3);
	assert_string_equal(splats[0].task, "kworker/0:1");
	assert_int_equal(splats[0].pid, 77);
	assert_string_equal(splats[1].task, "sh");
	assert_int_equal(splats[1].pid, 78);
	assert_string_equal(splats[2].task, "a b");
	assert_int_equal(splats[2].pid, 5);
	splat_scan_free(scan);

	/* Found by the fuzzer: no task between the two marks. */
	scan = splat_scan_new();
	feed_text(scan, "INFO: task blocked for more than 120 seconds.\n");
	splats = splat_scan_result(scan, &nr);
	assert_int_equal(nr, 1);
	assert_int_equal(splats[0].pid, -1);
	splat_scan_free(scan);
}

/* Lines of a healthy kernel, and of fault injection, which dumps stacks without a fault. */
/* Which task an interrupt hits is chance: such a cry is nobody's, not the task's. */
static void in_an_interrupt(void **state)
{
	static const struct {
		const char *text;
		bool in_irq;
	} rows[] = {
		{ "WARNING: CPU: 0 PID: 77 at kernel/x.c:1 late+0x1/0x2\n"
		  "CPU: 0 PID: 77 Comm: igt_runner Not tainted 6.12.117 #1\n"
		  "RIP: 0010:late+0x1/0x2\n"
		  "Call Trace:\n <IRQ>\n call_timer_fn+0x1/0x2\n </IRQ>\n <TASK>\n"
		  " vfs_read+0x1/0x2\n </TASK>\n",
		  true },
		{ "WARNING: CPU: 0 PID: 77 at kernel/x.c:1 early+0x1/0x2\n"
		  "CPU: 0 PID: 77 Comm: igt_runner Not tainted 6.12.117 #1\n"
		  "Call Trace:\n <TASK>\n early+0x1/0x2\n </TASK>\n",
		  false },
		/* A watchdog's tick tells of the task that it interrupts. */
		{ "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [sh:77]\n"
		  "CPU: 1 PID: 77 Comm: sh Not tainted 6.12.117 #1\n"
		  "Call Trace:\n <IRQ>\n watchdog_timer_fn+0x1/0x2\n </IRQ>\n <TASK>\n"
		  " spin+0x1/0x2\n </TASK>\n",
		  false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct splat_scan *scan = splat_scan_new();
		const struct splat *splats;
		size_t nr;

		feed_text(scan, rows[i].text);
		splats = splat_scan_result(scan, &nr);
		assert_int_equal(nr, 1);
		assert_int_equal(splats[0].pid, 77);
		assert_int_equal(splats[0].in_irq, rows[i].in_irq);
		splat_scan_free(scan);
	}
}

static void silence(void **state)
{
	static const char healthy[] =
		"Linux version 6.12.117 (debian-kernel@lists.debian.org)\n"
		"[drm] Initialized vgem 1.0.0 for vgem on minor 0\n"
		"WARNING: Unprivileged eBPF is enabled with eIBRS on\n"
		"Spectre V2 : WARNING: x\n"
		"FAULT_INJECTION: forcing a failure.\nname failslab, interval 1\n"
		"CPU: 0 PID: 1 Comm: x Not tainted 6.12\nCall Trace:\n <TASK>\n"
		" dump_stack_lvl+0x1/0x2\n should_fail_ex+0x1/0x2\n </TASK>\n"
		"BIOS-provided physical RAM map:\nBUGs: none\nrcu: Hierarchical RCU\n"
		"INFO: lockdep is turned off.\nwatchdog: cpu0 was fine\n"
		"kmemleak: Kernel memory leak detector initialized\n";
	struct splat_scan *scan = splat_scan_new();
	size_t nr;

	feed_text(scan, healthy);
	splat_scan_result(scan, &nr);
	assert_int_equal(nr, 0);
	assert_false(splat_scan_pending(scan));
	splat_scan_free(scan);
}

/* What user space writes into the log is no cry, whatever it says. */
static void user_space(void **state)
{
	struct kmsg_record record = {
		.level = 0,
		.facility = 1,
		.text = TEXT("BUG: KASAN: use-after-free in me"),
	};
	struct splat_scan *scan = splat_scan_new();
	size_t nr;

	assert_int_equal(splat_scan_feed(scan, &record), 0);
	splat_scan_result(scan, &nr);
	assert_int_equal(nr, 0);
	splat_scan_free(scan);
}

static void pending(void **state)
{
	struct splat_scan *scan = splat_scan_new();

	feed_text(scan, "BUG: kernel NULL pointer dereference, address: 0000000000000008\n");
	assert_true(splat_scan_pending(scan));
	feed_text(scan, "Call Trace:\n <TASK>\n f+0x1/0x2\n");
	assert_true(splat_scan_pending(scan));
	feed_text(scan, " </TASK>\n");
	assert_false(splat_scan_pending(scan));
	splat_scan_free(scan);
}

static void normalised(void **state)
{
	static const struct {
		const char *line, *title;
	} cases[] = {
		{ "f+0x12/0x34 [drm] x", "f x" },
		{ "BUG kmalloc-64 (Tainted: G    B   W  OE     ): Poison overwritten",
		  "BUG kmalloc-64: Poison overwritten" },
		{ "at ffff888007d2c000 and 0x6b6b and 12 of 34", "at X and X and N of N" },
		{ "added facade deadbeef", "added facade X" },
		{ "CPU#0 stuck for 22s! [sh:431]", "CPU#N stuck for Ns! [sh:N]" },
		{ "kernel BUG at /home/me/linux/drm_gem.c:12!", "kernel BUG at drm_gem.c:N!" },
		{ "kernel BUG at lib/list_debug.c:59!", "kernel BUG at lib/list_debug.c:N!" },
		{ "+0x", "+Nx" },
		{ "", "" },
		{ "+", "+" },
		{ " [", " [" },
		{ "/", "/" },
		{ "a / b", "a / b" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[128];

		splat_normalise((struct text){ cases[i].line, strlen(cases[i].line) }, buf,
				sizeof(buf));
		assert_string_equal(buf, cases[i].title);
	}
}

static void frames(void **state)
{
	static const struct {
		const char *line, *function, *module;
	} cases[] = {
		{ " cry_write+0xb2/0xde [cry]", "cry_write", "cry" },
		{ " drm_ioctl.part.0+0x12/0x34 [drm 0123456789abcdef]", "drm_ioctl", "drm" },
		{ " f.isra.0.cold+0x1/0x2", "f", "" },
		{ " [<ffffffff81000000>] f+0x1/0x2", "f", "" },
		{ " ? f+0x1/0x2", NULL, NULL },
		{ " 0xffffffffc0551234", NULL, NULL },
		{ " <TASK>", NULL, NULL },
		{ "RAX: 0000000000000000 RBX: 0000000000000000", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text line = { cases[i].line, strlen(cases[i].line) };
		char function[64] = "", module[32] = "";

		assert_int_equal(
			splat_frame(line, function, sizeof(function), module, sizeof(module)),
			cases[i].function != NULL);
		if (!cases[i].function)
			continue;
		assert_string_equal(function, cases[i].function);
		assert_string_equal(module, cases[i].module);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),      cmocka_unit_test(fingerprints),
		cmocka_unit_test(by_the_source), cmocka_unit_test(tasks),
		cmocka_unit_test(silence),       cmocka_unit_test(user_space),
		cmocka_unit_test(pending),       cmocka_unit_test(normalised),
		cmocka_unit_test(frames),        cmocka_unit_test(in_an_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
