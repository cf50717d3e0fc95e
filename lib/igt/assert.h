/* SPDX-License-Identifier: MIT */
#ifndef IGT_ASSERT_H
#define IGT_ASSERT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "igt/log.h"

#ifdef NDEBUG
#error "NDEBUG must not be set: a test whose assertions are compiled out cannot fail"
#endif

/*
 * Every macro here may be used in the main thread, in a racing thread and in a forked child, in a
 * fixture, a subtest or a dynamic subtest.
 *
 * In the main thread it ends the innermost of those. In another thread it records the first
 * failure and ends that thread; igt_thread_failed() tells the others, and the subtest takes the
 * result at its end at the latest. In a forked child it ends that child, and igt_waitchildren()
 * hands the result to the parent.
 */

struct igt_site {
	const char *file;
	const char *func;
	int line;
};

#define IGT_SITE (&(const struct igt_site){ __FILE__, __func__, __LINE__ })

/* Functions behind the macros. @detail is a printf format or NULL; errno is part of the report. */
void igt_fail_site(const struct igt_site *site, const char *condition, const char *detail, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void igt_skip_site(const struct igt_site *site, const char *condition, const char *detail, ...)
	__attribute__((noreturn, format(printf, 3, 4)));
void igt_abort_site(const struct igt_site *site, const char *condition, const char *detail, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Fail, skip, or stop the whole run (igt_runner starts nothing after an abort). */
#define igt_fail_f(...) igt_fail_site(IGT_SITE, NULL, __VA_ARGS__)
#define igt_skip(...)   igt_skip_site(IGT_SITE, NULL, __VA_ARGS__)
#define igt_abort(...)  igt_abort_site(IGT_SITE, NULL, __VA_ARGS__)
/* End the subtest as passed from anywhere in the main thread. */
void igt_success(void) __attribute__((noreturn));

#define IGT_CHECK_(end, condition, text, ...)                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			end(IGT_SITE, text, __VA_ARGS__);                                          \
	} while (0)

#define igt_assert(condition)         IGT_CHECK_(igt_fail_site, condition, #condition, NULL)
#define igt_assert_f(condition, ...)  IGT_CHECK_(igt_fail_site, condition, #condition, __VA_ARGS__)
#define igt_require(condition)        IGT_CHECK_(igt_skip_site, condition, #condition, NULL)
#define igt_require_f(condition, ...) IGT_CHECK_(igt_skip_site, condition, #condition, __VA_ARGS__)

#define IGT_CHECK_NOT_(end, condition, ...)                                                        \
	IGT_CHECK_(end, !(condition), "!(" #condition ")", __VA_ARGS__)

#define igt_fail_on(condition)         IGT_CHECK_NOT_(igt_fail_site, condition, NULL)
#define igt_fail_on_f(condition, ...)  IGT_CHECK_NOT_(igt_fail_site, condition, __VA_ARGS__)
#define igt_skip_on(condition)         IGT_CHECK_NOT_(igt_skip_site, condition, NULL)
#define igt_skip_on_f(condition, ...)  IGT_CHECK_NOT_(igt_skip_site, condition, __VA_ARGS__)
#define igt_abort_on_f(condition, ...) IGT_CHECK_NOT_(igt_abort_site, condition, __VA_ARGS__)

/*
 * Compare two values of type @type, each evaluated once; both are part of the report. A wider value
 * would be cut before it is compared, so it does not compile.
 */
#define IGT_CMP_(type, fmt, a, op, b)                                                              \
	do {                                                                                       \
		_Static_assert(sizeof(1 ? (a) : (a)) <= sizeof(type) &&                            \
				       sizeof(1 ? (b) : (b)) <= sizeof(type),                      \
			       "too wide to be compared as " #type);                               \
		type igt_a_ = (a);                                                                 \
		type igt_b_ = (b);                                                                 \
		if (!(igt_a_ op igt_b_))                                                           \
			igt_fail_site(IGT_SITE, #a " " #op " " #b, "values: " fmt ", " fmt,        \
				      igt_a_, igt_b_);                                             \
	} while (0)

#define igt_assert_cmpint(a, op, b) IGT_CMP_(int, "%d", a, op, b)
#define igt_assert_eq(a, b)         IGT_CMP_(int, "%d", a, ==, b)
#define igt_assert_neq(a, b)        IGT_CMP_(int, "%d", a, !=, b)
#define igt_assert_lt(a, b)         IGT_CMP_(int, "%d", a, <, b)
#define igt_assert_lte(a, b)        IGT_CMP_(int, "%d", a, <=, b)
#define igt_assert_eq_u32(a, b)     IGT_CMP_(unsigned int, "%#x", a, ==, b)
#define igt_assert_neq_u32(a, b)    IGT_CMP_(unsigned int, "%#x", a, !=, b)
#define igt_assert_lt_u32(a, b)     IGT_CMP_(unsigned int, "%#x", a, <, b)
#define igt_assert_lte_u32(a, b)    IGT_CMP_(unsigned int, "%#x", a, <=, b)
#define igt_assert_eq_s64(a, b)     IGT_CMP_(long long, "%lld", a, ==, b)
#define igt_assert_neq_s64(a, b)    IGT_CMP_(long long, "%lld", a, !=, b)
#define igt_assert_lt_s64(a, b)     IGT_CMP_(long long, "%lld", a, <, b)
#define igt_assert_lte_s64(a, b)    IGT_CMP_(long long, "%lld", a, <=, b)
#define igt_assert_eq_u64(a, b)     IGT_CMP_(unsigned long long, "%#llx", a, ==, b)
#define igt_assert_neq_u64(a, b)    IGT_CMP_(unsigned long long, "%#llx", a, !=, b)
#define igt_assert_lt_u64(a, b)     IGT_CMP_(unsigned long long, "%#llx", a, <, b)
#define igt_assert_lte_u64(a, b)    IGT_CMP_(unsigned long long, "%#llx", a, <=, b)
#define igt_assert_eq_ptr(a, b)     IGT_CMP_(const void *, "%p", a, ==, b)
#define igt_assert_neq_ptr(a, b)    IGT_CMP_(const void *, "%p", a, !=, b)
#define igt_assert_eq_double(a, b)  IGT_CMP_(double, "%#lf", a, ==, b)
#define igt_assert_neq_double(a, b) IGT_CMP_(double, "%#lf", a, !=, b)

#define igt_assert_fd(fd) igt_assert_f((fd) >= 0, "file descriptor " #fd " failed\n")
#define igt_assert_eqstr(a, b)                                                                     \
	do {                                                                                       \
		const char *igt_a_ = (a);                                                          \
		const char *igt_b_ = (b);                                                          \
		if (strcmp(igt_a_, igt_b_))                                                        \
			igt_fail_site(IGT_SITE, "strcmp(" #a ", " #b ") == 0",                     \
				      "\"%s\" and \"%s\" differ\n", igt_a_, igt_b_);               \
	} while (0)

#endif
