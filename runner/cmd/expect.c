// SPDX-License-Identifier: MIT
#include "cmd/expect.h"

#include <string.h>

#define BY_RUNNER_ONLY -1

/* clang-format off */
const struct expectation expectations[] = {
	{ "selftest_outcomes", "pass", "pass", 0, NULL, NULL },
	{ "selftest_outcomes", "skip", "skip", 77, "nothing to do here", NULL },
	{ "selftest_outcomes", "fail", "fail", 98, "this line belongs into the dump", NULL },
	{ "selftest_outcomes", "warn", "warn", 0, "something smells", NULL },
	{ "selftest_outcomes", "fail-in-thread", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "skip-in-thread", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "fail-in-child", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "skip-in-child", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "crash-in-child", "crash", 139, NULL, NULL },
	{ "selftest_outcomes", "crash-in-thread", "crash", 139, NULL, NULL },
	{ "selftest_outcomes", "crash", "crash", 139, NULL, NULL },
	{ "selftest_outcomes", "crash-abort", "crash", 134, NULL, NULL },
	{ "selftest_outcomes", "crash-killed", "crash", 137, NULL, NULL },
	{ "selftest_outcomes", "crash-stack-overflow", "crash", 139, NULL, NULL },
	/* by hand a single subtest runs in the process itself, which has nobody to kill */
	{ "selftest_outcomes", "harness-killed", "incomplete", 77, NULL, NULL },
	{ "selftest_outcomes", "exit-early", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "left-by-break", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "forgotten-children", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "observer-fails", "fail", 98, "says no", NULL },
	{ "selftest_outcomes", "settle-fails", "fail", 98, "says no", NULL },
	{ "selftest_outcomes", "timed-out", "fail", 98, "waiting for nothing", NULL },
	{ "selftest_outcomes", "dynamic-mix", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "dynamic-mix@good", "pass", BY_RUNNER_ONLY, NULL, NULL },
	{ "selftest_outcomes", "dynamic-mix@idle", "skip", BY_RUNNER_ONLY, NULL, NULL },
	{ "selftest_outcomes", "dynamic-mix@bad-1", "fail", BY_RUNNER_ONLY, NULL, NULL },
	{ "selftest_outcomes", "dynamic-crash", "crash", 139, NULL, NULL },
	{ "selftest_outcomes", "dynamic-skip", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "dynamic-none", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "group-skip-a", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "group-skip-b", "skip", 77, NULL, NULL },
	{ "selftest_outcomes", "group-fail-a", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "group-fail-b", "fail", 98, NULL, NULL },
	{ "selftest_outcomes", "nested-group", "pass", 0, NULL, NULL },
	{ "selftest_outcomes", "hang", "timeout", BY_RUNNER_ONLY, NULL, NULL },
	{ "selftest_outcomes", "hang-deaf", "timeout", BY_RUNNER_ONLY, NULL, NULL },
	{ "selftest_outcomes", "stop-the-run", "abort", 112, NULL, NULL },
	{ "selftest_outcomes", "pass-at-last", "pass", 0, NULL, NULL },
	{ "selftest_kernel", "warn", "dmesg-warn", 0, "a warning on purpose", NULL },
	{ "selftest_kernel", "leak-dma-buf", "fail", 98, "dma-buf", NULL },
	{ "selftest_census", "gem-object", "fail", BY_RUNNER_ONLY,
	  " s after the start: drm_gem_private_object_init <- drm_gem_object_init", NULL },
	{ "selftest_cries", "hung-task", "dmesg-fail", BY_RUNNER_ONLY, "INFO: hung task", NULL },
	{ "selftest_cries", "warning", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "warning: WARNING: cry N on purpose in cry_warn" },
	{ "selftest_cries", "warning-in-race", "dmesg-fail", BY_RUNNER_ONLY,
	  "\nreplay: GEMRACE_SEED=", "warning: WARNING: cry N on purpose in cry_warn" },
	{ "selftest_cries", "warning-without-text", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "warning: WARNING in cry_warn_on" },
	{ "selftest_cries", "refcount-saturated", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "refcount: refcount_t: addition on N; use-after-free. in cry_refcount" },
	{ "selftest_cries", "refcount-underflow", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "refcount: refcount_t: underflow; use-after-free. in cry_refunder" },
	{ "selftest_cries", "list-corruption", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "list: list_del corruption. prev->next should be X, but was X. (prev=X) in cry_list" },
	{ "selftest_cries", "bug", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "bug: kernel BUG at cry.c:N! in cry_bug" },
	{ "selftest_cries", "null-pointer", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "oops: BUG: kernel NULL pointer dereference in cry_null" },
	{ "selftest_cries", "general-protection", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "oops: general protection fault in cry_gp" },
	{ "selftest_cries", "scheduling-while-atomic", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "atomic: BUG: scheduling while atomic in cry_atomic" },
	{ "selftest_cries", "soft-lockup", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "lockup: BUG: soft lockup in cry_soft" },
	{ "selftest_cries", "use-after-free", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "kasan: BUG: KASAN: slab-use-after-free in cry_uaf" },
	{ "selftest_cries", "undefined-behaviour", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "ubsan: UBSAN: shift-out-of-bounds in cry.c:N:N in cry_shift" },
	{ "selftest_cries", "lock-order", "dmesg-fail", BY_RUNNER_ONLY, NULL,
	  "lockdep: WARNING: possible circular locking dependency detected in __mutex_lock" },
	{ "selftest_kmemleak", "memory-leak", "dmesg-fail", BY_RUNNER_ONLY,
	  "kmemleak: 3 objects of 96 bytes, allocated by selftest_kmemle (pid", NULL },
	{ "selftest_kmemleak", "no-memory-leak", "dmesg-warn", BY_RUNNER_ONLY,
	  "cry: loading out-of-tree module", NULL },
	{ "selftest_leaks", "drm-file", "fail", 98, "leak: drm file on card", NULL },
	{ "selftest_leaks", "gem-object", "fail", BY_RUNNER_ONLY, "leak: 1 GEM object more", NULL },
	{ "selftest_leaks", "flink-name", "fail", BY_RUNNER_ONLY, "leak: flink name", NULL },
	{ "selftest_leaks", "dma-buf", "fail", 98, "still open as fd", NULL },
	{ "selftest_leaks", "dma-buf-mapping", "fail", BY_RUNNER_ONLY, "still mapped", NULL },
	{ "selftest_leaks", "fence", "fail", BY_RUNNER_ONLY, "leak: 1 dma_fence more", NULL },
	{ "selftest_leaks", "sync-file", "fail", 98, "leak: 1 sync_file more", NULL },
	{ "selftest_leaks", "framebuffer", "fail", BY_RUNNER_ONLY, "leak: framebuffer id", NULL },
	{ "selftest_leaks", "syncobj", "fail", BY_RUNNER_ONLY, "leak: 1 syncobj more", NULL },
	{ "selftest_leaks", "module-reference", "fail", BY_RUNNER_ONLY,
	  "leak: module reference on vgem", NULL },
	{ "selftest_leaks", "fd", "fail", BY_RUNNER_ONLY, "leak: file descriptor", NULL },
	{ "selftest_destructive", "first-death", "incomplete", BY_RUNNER_ONLY, "sysrq", NULL },
	{ "selftest_destructive", "survives", "pass", 0, NULL, NULL },
	{ "selftest_destructive", "late-death", "incomplete", BY_RUNNER_ONLY, "sysrq", NULL },
	{ "selftest_kernel", "panic", "incomplete", BY_RUNNER_ONLY, "sysrq", NULL },
};
/* clang-format on */
const size_t expectation_count = sizeof(expectations) / sizeof(*expectations);

/*
 * What follows from what stays: a file holds its fd and its modules, a dma-buf its buffer as well.
 */
#define FD_STAYS     "file descriptor [0-9]+,"
#define MODULE_STAYS "module reference on "
#define FILE_STAYS   "drm file on card|" MODULE_STAYS "|" FD_STAYS
#define BUFFER_STAYS "dma-buf inode|1 GEM object|" MODULE_STAYS

static const struct {
	const char *leak, *only;
} leaks[] = {
	{ "memory-leak",
	  "kmemleak: (3 objects of 96 bytes, .* in cry_leak < cry_write|new suspected)" },
	{ "drm-file", FILE_STAYS },
	{ "gem-object", FILE_STAYS "|1 GEM object" },
	{ "flink-name", FILE_STAYS "|1 GEM object|flink name 1 " },
	{ "dma-buf", BUFFER_STAYS "|" FD_STAYS },
	{ "dma-buf-mapping", BUFFER_STAYS },
	{ "fence", FILE_STAYS "|1 dma_fence" },
	{ "sync-file", FD_STAYS "|1 sync_file|1 dma_fence" },
	{ "framebuffer", FILE_STAYS "|1 GEM object|framebuffer id" },
	{ "syncobj", FD_STAYS "|1 syncobj" },
	{ "module-reference", BUFFER_STAYS },
	{ "fd", FILE_STAYS },
};

const char *expectation_only(const struct expectation *e)
{
	for (size_t i = 0; i < sizeof(leaks) / sizeof(*leaks); i++) {
		if ((!strcmp(e->binary, "selftest_leaks") ||
		     !strcmp(e->binary, "selftest_kmemleak")) &&
		    !strcmp(e->subtest, leaks[i].leak))
			return leaks[i].only;
	}
	return NULL;
}

static const struct {
	const char *subtest, *detector;
} needs[] = {
	{ "list-corruption", "list checks" }, { "soft-lockup", "soft lockup detector" },
	{ "use-after-free", "KASAN" },        { "undefined-behaviour", "UBSAN" },
	{ "lock-order", "lockdep" },
};

const char *expectation_needs(const struct expectation *e)
{
	if (!strcmp(e->binary, "selftest_kmemleak"))
		return "kmemleak";
	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		if (!strcmp(e->binary, "selftest_cries") && !strcmp(e->subtest, needs[i].subtest))
			return needs[i].detector;
	}
	return NULL;
}

const struct expectation *expectation_find(const char *binary, const char *subtest)
{
	for (size_t i = 0; i < expectation_count; i++) {
		if (!strcmp(expectations[i].binary, binary) &&
		    !strcmp(expectations[i].subtest, subtest))
			return &expectations[i];
	}
	return NULL;
}
