/* SPDX-License-Identifier: MIT */
#ifndef IGT_SUBTEST_H
#define IGT_SUBTEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A test binary:
 *
 *	igt_main
 *	{
 *		igt_fixture
 *			device_require();
 *
 *		igt_subtest("flink-vs-close")
 *			flink_vs_close();
 *
 *		igt_subtest_with_dynamic("formats") {
 *			for (int i = 0; i < n; i++)
 *				igt_dynamic_f("%s", formats[i].name)
 *					check(&formats[i]);
 *		}
 *	}
 *
 * The block is run twice, first only to collect the names: keep everything with an effect inside
 * fixtures and subtests. With more than one subtest selected each runs in a child process, so a
 * crash loses none of the later ones; a single one runs in the process itself, ready for a
 * debugger. Fixtures always run in the parent: what they open is shared with every child, so they
 * choose a device and leave opening it to the subtests.
 *
 * Never leave one of these blocks with break, return or goto: the subtest fails with that reason.
 */
#define igt_main                                                                                   \
	static void igt_main_body(void);                                                           \
	int main(int argc, char **argv)                                                            \
	{                                                                                          \
		return igt_run(argc, argv, igt_main_body);                                         \
	}                                                                                          \
	static void igt_main_body(void)

/* Not run when listing. A skip or failure in it goes for the rest of its group. */
#define igt_fixture for (; igt_fixture_begin() && sigsetjmp(igt_body_jmp, 1) == 0; igt_body_done())

/* Names: [A-Za-z0-9_-], unique in the binary, under 250 characters. */
#define igt_subtest_f(...)                                                                         \
	for (; igt_subtest_begin(false, __FILE__, __LINE__, __VA_ARGS__) &&                        \
	       sigsetjmp(igt_body_jmp, 1) == 0;                                                    \
	     igt_body_done())
#define igt_subtest(name) igt_subtest_f("%s", name)

/* Skips when none of its dynamic subtests ran, fails when one of them failed. */
#define igt_subtest_with_dynamic_f(...)                                                            \
	for (; igt_subtest_begin(true, __FILE__, __LINE__, __VA_ARGS__) &&                         \
	       sigsetjmp(igt_body_jmp, 1) == 0;                                                    \
	     igt_body_done())
#define igt_subtest_with_dynamic(name) igt_subtest_with_dynamic_f("%s", name)

#define igt_dynamic_f(...)                                                                         \
	for (; igt_dynamic_begin(__VA_ARGS__) && sigsetjmp(igt_dynamic_jmp, 1) == 0;               \
	     igt_dynamic_done())
#define igt_dynamic(name) igt_dynamic_f("%s", name)

/* Bounds the reach of the fixtures in it. May be nested. */
#define igt_subtest_group for (igt_group_begin(); igt_group_next();)

/* The filter given by --device, else IGT_DEVICE, else NULL. */
const char *igt_device_filter(void);
/* The seed printed as IGT_SRANDOM: taken from the environment, else from the clock. */
uint32_t igt_seed(void);
/* The binary's name and, inside a subtest, the names of what runs; "" outside. */
const char *igt_test_name(void);
const char *igt_subtest_name(void);
const char *igt_dynamic_subtest_name(void);
/*
 * Set by --interactive-debug. Waits for a key at @where if the setting names it or is "all", on a
 * terminal only. The harness itself stops at "subtest", before one begins, and at "failure", where
 * an assertion failed and everything still stands as it was.
 */
void igt_debug_wait_for_keypress(const char *where);

/* For internal use by the macros above. */
extern sigjmp_buf igt_body_jmp;
extern sigjmp_buf igt_dynamic_jmp;
int igt_run(int argc, char **argv, void (*body)(void));
bool igt_fixture_begin(void);
bool igt_subtest_begin(bool with_dynamic, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void igt_body_done(void) __attribute__((noreturn));
bool igt_dynamic_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void igt_dynamic_done(void) __attribute__((noreturn));
void igt_group_begin(void);
bool igt_group_next(void);

#endif
