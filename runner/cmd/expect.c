// SPDX-License-Identifier: MIT
#include "cmd/expect.h"

#include <string.h>

#define BY_RUNNER_ONLY -1

/* clang-format off */
const struct expectation expectations[] = {
	{ "selftest_outcomes", "pass", "pass", 0, NULL },
	{ "selftest_outcomes", "skip", "skip", 77, "nothing to do here" },
	{ "selftest_outcomes", "fail", "fail", 98, "this line belongs into the dump" },
	{ "selftest_outcomes", "warn", "warn", 0, "something smells" },
	{ "selftest_outcomes", "fail-in-thread", "fail", 98, NULL },
	{ "selftest_outcomes", "skip-in-thread", "skip", 77, NULL },
	{ "selftest_outcomes", "fail-in-child", "fail", 98, NULL },
	{ "selftest_outcomes", "skip-in-child", "skip", 77, NULL },
	{ "selftest_outcomes", "crash-in-child", "crash", 139, NULL },
	{ "selftest_outcomes", "crash-in-thread", "crash", 139, NULL },
	{ "selftest_outcomes", "crash", "crash", 139, NULL },
	{ "selftest_outcomes", "crash-abort", "crash", 134, NULL },
	{ "selftest_outcomes", "crash-killed", "crash", 137, NULL },
	{ "selftest_outcomes", "crash-stack-overflow", "crash", 139, NULL },
	/* by hand a single subtest runs in the process itself, which has nobody to kill */
	{ "selftest_outcomes", "harness-killed", "incomplete", 77, NULL },
	{ "selftest_outcomes", "exit-early", "fail", 98, NULL },
	{ "selftest_outcomes", "left-by-break", "fail", 98, NULL },
	{ "selftest_outcomes", "forgotten-children", "fail", 98, NULL },
	{ "selftest_outcomes", "observer-fails", "fail", 98, "says no" },
	{ "selftest_outcomes", "settle-fails", "fail", 98, "says no" },
	{ "selftest_outcomes", "timed-out", "fail", 98, "waiting for nothing" },
	{ "selftest_outcomes", "dynamic-mix", "fail", 98, NULL },
	{ "selftest_outcomes", "dynamic-mix@good", "pass", BY_RUNNER_ONLY, NULL },
	{ "selftest_outcomes", "dynamic-mix@idle", "skip", BY_RUNNER_ONLY, NULL },
	{ "selftest_outcomes", "dynamic-mix@bad-1", "fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_outcomes", "dynamic-crash", "crash", 139, NULL },
	{ "selftest_outcomes", "dynamic-skip", "skip", 77, NULL },
	{ "selftest_outcomes", "dynamic-none", "skip", 77, NULL },
	{ "selftest_outcomes", "group-skip-a", "skip", 77, NULL },
	{ "selftest_outcomes", "group-skip-b", "skip", 77, NULL },
	{ "selftest_outcomes", "group-fail-a", "fail", 98, NULL },
	{ "selftest_outcomes", "group-fail-b", "fail", 98, NULL },
	{ "selftest_outcomes", "nested-group", "pass", 0, NULL },
	{ "selftest_outcomes", "hang", "timeout", BY_RUNNER_ONLY, NULL },
	{ "selftest_outcomes", "hang-deaf", "timeout", BY_RUNNER_ONLY, NULL },
	{ "selftest_outcomes", "stop-the-run", "abort", 112, NULL },
	{ "selftest_outcomes", "pass-at-last", "pass", 0, NULL },
	{ "selftest_kernel", "warn", "dmesg-warn", 0, "a warning on purpose" },
	{ "selftest_kernel", "leak-dma-buf", "fail", 98, "dma-buf" },
	{ "selftest_census", "gem-object", "fail", BY_RUNNER_ONLY, " s after the start: drm_gem_private_object_init <- drm_gem_object_init" },
	{ "selftest_cries", "hung-task", "dmesg-fail", BY_RUNNER_ONLY, "INFO: hung task" },
	{ "selftest_cries", "warning", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "warning-without-text", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "refcount-saturated", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "refcount-underflow", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "list-corruption", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "bug", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "null-pointer", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "general-protection", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "scheduling-while-atomic", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "soft-lockup", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "use-after-free", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "undefined-behaviour", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_cries", "lock-order", "dmesg-fail", BY_RUNNER_ONLY, NULL },
	{ "selftest_kmemleak", "memory-leak", "dmesg-fail", BY_RUNNER_ONLY, "kmemleak: 3 objects of 96 bytes, allocated by selftest_kmemle (pid" },
	{ "selftest_kmemleak", "no-memory-leak", "dmesg-warn", BY_RUNNER_ONLY, "cry: loading out-of-tree module" },
	{ "selftest_leaks", "drm-file", "fail", 98, "leak: drm file on card" },
	{ "selftest_leaks", "gem-object", "fail", BY_RUNNER_ONLY, "leak: 1 GEM object more" },
	{ "selftest_leaks", "flink-name", "fail", BY_RUNNER_ONLY, "leak: flink name" },
	{ "selftest_leaks", "dma-buf", "fail", 98, "still open as fd" },
	{ "selftest_leaks", "dma-buf-mapping", "fail", BY_RUNNER_ONLY, "still mapped" },
	{ "selftest_leaks", "fence", "fail", BY_RUNNER_ONLY, "leak: 1 dma_fence more" },
	{ "selftest_leaks", "sync-file", "fail", 98, "leak: 1 sync_file more" },
	{ "selftest_leaks", "framebuffer", "fail", BY_RUNNER_ONLY, "leak: framebuffer id" },
	{ "selftest_leaks", "syncobj", "fail", BY_RUNNER_ONLY, "leak: 1 syncobj more" },
	{ "selftest_leaks", "module-reference", "fail", BY_RUNNER_ONLY, "leak: module reference on vgem" },
	{ "selftest_leaks", "fd", "fail", BY_RUNNER_ONLY, "leak: file descriptor" },
	{ "selftest_destructive", "first-death", "incomplete", BY_RUNNER_ONLY, "sysrq" },
	{ "selftest_destructive", "survives", "pass", 0, NULL },
	{ "selftest_destructive", "late-death", "incomplete", BY_RUNNER_ONLY, "sysrq" },
	{ "selftest_kernel", "panic", "incomplete", BY_RUNNER_ONLY, "sysrq" },
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

const struct expectation *expectation_find(const char *binary, const char *subtest)
{
	for (size_t i = 0; i < expectation_count; i++) {
		if (!strcmp(expectations[i].binary, binary) &&
		    !strcmp(expectations[i].subtest, subtest))
			return &expectations[i];
	}
	return NULL;
}
