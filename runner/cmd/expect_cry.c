// SPDX-License-Identifier: MIT
#include "cmd/expect.h"

#include <string.h>

/* clang-format off */
static const struct cry_expectation cries[] = {
	{ "warning", "warning", "WARNING: cry N on purpose in cry_warn", "cry" },
	{ "warning-without-text", "warning", "WARNING in cry_warn_on", "cry" },
	{ "refcount-saturated", "refcount",
	  "refcount_t: addition on N; use-after-free. in cry_refcount", "cry" },
	{ "refcount-underflow", "refcount",
	  "refcount_t: underflow; use-after-free. in cry_refunder", "cry" },
	{ "list-corruption", "list",
	  "list_del corruption. prev->next should be X, but was X. (prev=X) in cry_list", "cry" },
	{ "bug", "bug", "kernel BUG at cry.c:N! in cry_bug", "cry" },
	{ "null-pointer", "oops", "BUG: kernel NULL pointer dereference in cry_null", "cry" },
	{ "general-protection", "oops", "general protection fault in cry_gp", "cry" },
	{ "scheduling-while-atomic", "atomic", "BUG: scheduling while atomic in cry_atomic", "cry" },
	{ "soft-lockup", "lockup", "BUG: soft lockup in cry_soft", "cry" },
	{ "use-after-free", "kasan", "BUG: KASAN: slab-use-after-free in cry_uaf", "cry" },
	{ "undefined-behaviour", "ubsan", "UBSAN: shift-out-of-bounds in cry.c:N:N in cry_shift", "cry" },
	{ "lock-order", "lockdep",
	  "WARNING: possible circular locking dependency detected in __mutex_lock", "cry" },
};
/* clang-format on */

static const struct {
	const char *subtest, *detector;
} needs[] = {
	{ "list-corruption", "list checks" }, { "soft-lockup", "soft lockup detector" },
	{ "use-after-free", "KASAN" },        { "undefined-behaviour", "UBSAN" },
	{ "lock-order", "lockdep" },
};

const struct cry_expectation *cry_expectation_find(const struct expectation *e)
{
	for (size_t i = 0; i < sizeof(cries) / sizeof(*cries); i++) {
		if (!strcmp(e->binary, "selftest_cries") && !strcmp(e->subtest, cries[i].subtest))
			return &cries[i];
	}
	return NULL;
}

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
