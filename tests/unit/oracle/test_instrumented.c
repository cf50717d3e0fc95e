// SPDX-License-Identifier: MIT
/*
 * What an instrumented 7.2 wrote (samples/7.2-kasan): cries that packaged kernels have no detector
 * for, kmemleak's report, sw_sync's list.
 */
#include "sample.h"

#include "oracle/splat.h"
#include "sys/kmemleak.h"

#define VERSION "7.2-kasan"

/* The first cry after "starting subtest NAME". */
static const struct {
	const char *mark;
	enum splat_kind kind;
	const char *title;
	const char *fingerprint;
	bool died;
} cries[] = {
	{ "uaf", SPLAT_KASAN, "BUG: KASAN: slab-use-after-free in cry_uaf", "05c9b3a911a0efd7",
	  false },
	{ "shift", SPLAT_UBSAN, "UBSAN: shift-out-of-bounds in cry.c:N:N in cry_shift",
	  "333251f832bf2de0", false },
	/* Goes on here; packaged kernels kill the task, and the fingerprint is the same. */
	{ "list", SPLAT_LIST,
	  "list_del corruption. prev->next should be X, but was X. (prev=X) in cry_list",
	  "c6f8c1fccbbf53a3", false },
	{ "atomic", SPLAT_ATOMIC, "BUG: scheduling while atomic in cry_atomic", "a290e2fa548a7665",
	  false },
	/* KASAN's own check comes before the access, and faults instead of it. */
	{ "null", SPLAT_OOPS, "general protection fault in cry_null", "f8b611edaddc7093", true },
	{ "lock", SPLAT_LOCKDEP,
	  "WARNING: possible circular locking dependency detected in __mutex_lock",
	  "157b71f01305ce77", false },
};

#define NR_CRIES (sizeof(cries) / sizeof(cries[0]))

/* One cry each, told once, with the module and the task that did it. */
static void recorded(void **state)
{
	size_t len, nr;
	char *buf = read_sample(VERSION, "kmsg", &len);

	for (size_t i = 0; i < NR_CRIES; i++) {
		struct text text = between_marks(buf, len, cries[i].mark), line;
		struct splat_scan *scan = splat_scan_new();
		struct kmsg_record record;
		const struct splat *splat;
		char fingerprint[17];

		while (text_line(&text, &line)) {
			if (!kmsg_parse(line, &record))
				assert_int_equal(splat_scan_feed(scan, &record), 0);
		}
		splat = splat_scan_result(scan, &nr);
		if (nr != 1)
			fail_msg("%s: %zu cries", cries[i].mark, nr);
		assert_string_equal(splat->title, cries[i].title);
		assert_int_equal(splat->kind, cries[i].kind);
		assert_int_equal(splat->died, cries[i].died);
		assert_string_equal(splat->module, "cry");
		assert_string_equal(splat->task, "sh");
		assert_true(splat->pid > 1);
		splat_fingerprint(splat, fingerprint);
		assert_string_equal(fingerprint, cries[i].fingerprint);
		splat_scan_free(scan);
	}
	free(buf);
}

/* Three objects of one place, by the shell that told the module to. */
static void kmemleak(void **state)
{
	struct sys_kmemleak_object object;
	unsigned int ours = 0;
	const char *rest;
	size_t len;
	char *report = read_sample(VERSION, "kmemleak", &len);

	for (rest = report; (rest = sys_kmemleak_next(rest, &object));) {
		if (strcmp(object.comm, "sh"))
			continue;
		ours++;
		assert_int_equal(object.size, 96);
		assert_true(object.pid > 1);
		assert_true(object.jiffies > 4294667296ull); /* INITIAL_JIFFIES at 250 Hz */
		assert_string_equal(object.where,
				    "cry_leak < cry_write < full_proxy_write < vfs_write");
	}
	assert_int_equal(ours, 3);
	/* Cut off at any byte: no more than there were, and no read past the end. */
	for (size_t cut = 0; cut < len; cut += 7) {
		char *copy = strndup(report, cut), first[64];

		assert_true(sys_kmemleak_parse(copy, "sh", first, sizeof(first)) <= 3);
		free(copy);
	}
	free(report);
}

/* Two timelines of a process that made four fences; the one that is signaled is listed no more. */
static void sync_info(void **state)
{
	struct ledger_status status = { 0 };
	unsigned int timelines = 0, fences = 0;
	struct ledger ledger = { 0 };
	size_t len;
	char *buf = read_sample(VERSION, "sync_info", &len);

	assert_int_equal(parse_sync_info((struct text){ buf, len }, &ledger, &status), 0);
	assert_int_equal(status.refused, 0);
	for (size_t i = 0; i < ledger.nr_items; i++) {
		timelines += !strcmp(ledger.items[i].owner, "timeline");
		fences += !strcmp(ledger.items[i].owner, "fence");
	}
	assert_int_equal(timelines, 2);
	assert_int_equal(fences, 3);
	free(ledger.items);
	free(buf);
}

static void clients(void **state)
{
	const struct parse_device device = { .minor = 0, .driver = "vgem" };
	struct ledger_status status = { 0 };
	struct ledger ledger = { 0 };
	size_t len;
	char *buf = read_sample(VERSION, "clients", &len);

	assert_int_equal(parse_clients((struct text){ buf, len }, &device, &ledger, &status), 0);
	assert_int_equal(status.refused, 0);
	assert_int_equal(ledger.nr_items, 1);
	assert_string_equal(ledger.items[0].name, "hold");
	assert_int_equal(ledger.items[0].pid, 46);
	assert_int_equal(ledger.items[0].id, 7);
	free(ledger.items);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded),
		cmocka_unit_test(kmemleak),
		cmocka_unit_test(sync_info),
		cmocka_unit_test(clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
