// SPDX-License-Identifier: MIT
#include "suite/cries.h"

#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/hooks.h"
#include "igt/log.h"
#include "oracle/klog.h"
#include "oracle/taint.h"

/*
 * Warnings that say the machine was slow, not that the kernel is broken: common in a VM on a busy
 * host, and igt_runner would count each against the subtest.
 */
#define SLOW_MACHINE                                                                               \
	"hrtimer: interrupt took [0-9]+ ns"                                                        \
	"|workqueue: .* hogged CPU for"                                                            \
	"|clocksource: "                                                                           \
	"|TSC found unstable"                                                                      \
	"|perf: interrupt took too long"                                                           \
	"|sched: (RT throttling|DL replenish)"

#define FAILED_ALLOCATION "debugfs: out of free dentries|failed to allocate"

struct cries {
	struct igt_subtest_observer observer;
	struct klog *klog; /* NULL where the log may not be read */
	size_t told;       /* cries that were told already */
	uint64_t taint_at_start;
};

static void tell(const struct splat *splat)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	splat_report(splat, out);
	fclose(out);
	igt_info("%s", text);
	free(text);
}

bool suite_cry_counts(const struct splat *splat, char *text, size_t size)
{
	char fingerprint[17];

	/* Found now, lost at any time and by anybody: kmemleak's own report says who did it. */
	if (splat->kind == SPLAT_KMEMLEAK || !klog_is_ours(splat))
		return false;
	splat_fingerprint(splat, fingerprint);
	snprintf(text, size, "%s [%s %s]", splat->title, splat_kind_name(splat->kind), fingerprint);
	return true;
}

static void judge(const struct splat *splat, struct igt_verdict *verdict)
{
	char text[SUITE_CRY_SIZE];

	if (suite_cry_counts(splat, text, sizeof(text)))
		igt_verdict_fail(verdict, "%s", text);
	else if (splat->kind != SPLAT_KMEMLEAK)
		igt_info("not ours: %s (pid %d)\n", splat->task, splat->pid);
}

/* Tells what was not told yet; what belongs to a subtest is held against it. */
static void collect(struct cries *cries, unsigned int bound_ms, struct igt_verdict *verdict)
{
	const struct splat *splats;
	size_t nr;
	int err;

	if (!cries->klog)
		return;
	err = klog_collect(cries->klog, bound_ms, &splats, &nr);
	if (err) {
		igt_info("kernel log: %s\n", strerror(-err));
		return;
	}
	for (; cries->told < nr; cries->told++) {
		tell(&splats[cries->told]);
		if (verdict)
			judge(&splats[cries->told], verdict);
	}
}

/* What came between two subtests cannot be charged to either, but is not kept quiet. */
static void prepare(const struct igt_subtest_info *info, void *data)
{
	struct cries *cries = data;
	uint64_t taint = taint_fatal() & ~cries->taint_at_start;
	char letters[64];

	igt_kmsg_ignore(SLOW_MACHINE);
	collect(cries, 0, NULL);
	taint_letters(taint, letters);
	igt_assert_f(!taint,
		     "the kernel is tainted (%s) since an earlier subtest: nothing after "
		     "that can be trusted\n",
		     letters);
}

/* igt_runner forgets at each dynamic subtest what it was to ignore. */
static void before(const struct igt_subtest_info *info, void *data)
{
	if (info->dynamic)
		igt_kmsg_ignore(SLOW_MACHINE);
}

static void settle(const struct igt_subtest_info *info, struct igt_verdict *verdict, void *data)
{
	struct cries *cries = data;
	uint64_t lost = cries->klog ? klog_lost(cries->klog) : 0;

	collect(cries, SUITE_CRY_MS, verdict);
	if (cries->klog && klog_lost(cries->klog) != lost)
		igt_info("the kernel log overflowed: cries may be missing\n");
}

void suite_overlook_failed_allocations(void)
{
	igt_kmsg_ignore(SLOW_MACHINE "|" FAILED_ALLOCATION);
}

void suite_cries_install(void)
{
	struct cries *cries = calloc(1, sizeof(*cries));
	int err;

	igt_assert(cries);
	cries->taint_at_start = taint_fatal();
	if (cries->taint_at_start) {
		char letters[64];

		taint_letters(cries->taint_at_start, letters);
		igt_info("Kernel tainted before the test: %s\n", letters);
	}
	err = klog_open(&cries->klog);
	if (err)
		igt_info("Kernel log: not watched: %s\n", strerror(-err));
	cries->observer = (struct igt_subtest_observer){
		.name = "kernel log",
		.data = cries,
		.prepare = prepare,
		.before = before,
		.settle = settle,
	};
	igt_add_subtest_observer(&cries->observer);
}
