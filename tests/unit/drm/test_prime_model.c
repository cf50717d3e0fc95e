// SPDX-License-Identifier: MIT
/* The model takes what a right kernel gives, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "drm/prime_model.h"

#define A 0
#define B 1

struct script {
	struct prime_step step;
	struct prime_seen seen;
	int64_t count; /* after the step */
};

/* The steps before the last are right; @why is what is wrong with the last one, "" for nothing. */
static void play(const struct script *script, size_t length, const char *complaint)
{
	struct prime_model model;
	char why[160] = "";
	int ret = 0;

	prime_model_init(&model, 1);
	for (size_t i = 0; i < length; i++) {
		assert_int_equal(ret, 0);
		ret = prime_model_take(&model, script[i].step, &script[i].seen, why, sizeof(why));
		if (!ret)
			assert_int_equal(prime_model_count(&model), script[i].count);
	}
	assert_int_equal(ret, *complaint ? -1 : 0);
	if (!strstr(why, complaint))
		fail_msg("'%s' does not say '%s'", why, complaint);
}

#define PLAY(complaint, ...)                                                                       \
	do {                                                                                       \
		const struct script script_[] = { __VA_ARGS__ };                                   \
		play(script_, sizeof(script_) / sizeof(script_[0]), complaint);                    \
	} while (0)

static void right_kernel(void **state)
{
	/* fd + link + cache; two caches; the last close leaves the fd; the import brings all back */
	PLAY("", { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 1 }, 3 },
	     { { PRIME_IMPORT, B, 0 }, { .handle = 1 }, 4 },
	     { { PRIME_FLINK, B, 0 }, { .name = 7 }, 4 }, { { PRIME_CLOSE, A, 0 }, { 0 }, 3 },
	     { { PRIME_CLOSE, B, 0 }, { 0 }, 1 }, { { PRIME_OPEN, A, 0 }, { .ret = -ENOENT }, 1 },
	     { { PRIME_IMPORT, B, 0 }, { .handle = 2 }, 3 },
	     { { PRIME_FLINK, B, 0 }, { .name = 8 }, 3 },
	     { { PRIME_OPEN, A, 0 }, { .handle = 1 }, 3 },
	     { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 5 }, { { PRIME_CLOSE_FD, A, 0 }, { 0 }, 4 },
	     { { PRIME_CLOSE_FD, A, 0 }, { 0 }, 3 },
	     /* the file takes all its handles with it, as their last close would */
	     { { PRIME_CLOSE_FILE, B, 0 }, { 0 }, 2 });
}

static void two_handles_in_one_file(void **state)
{
	/* each exported handle has its own cache entry, and an import gives one of them */
	PLAY("", { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_OPEN, A, 0 }, { .handle = 2 }, 0 },
	     { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_EXPORT, A, 1 }, { .inode = 5 }, 5 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 2 }, 5 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 1 }, 5 }, { { PRIME_CLOSE, A, 0 }, { 0 }, 4 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 2 }, 4 });
	PLAY("instead of one the file has", { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_OPEN, A, 0 }, { .handle = 2 }, 0 },
	     { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 2 }, 0 });
}

static void broken_kernels(void **state)
{
	PLAY("a second dma-buf", { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_EXPORT, A, 0 }, { .inode = 6 }, 0 });
	PLAY("instead of one the file has", { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_IMPORT, A, 0 }, { .handle = 3 }, 0 });
	PLAY("Invalid argument instead of success",
	     { { PRIME_CLOSE, A, 0 }, { .ret = -EINVAL }, 0 });
	PLAY("in use already", { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_OPEN, A, 0 }, { .handle = 1 }, 0 });
	PLAY("handle 0", { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 },
	     { { PRIME_IMPORT, B, 0 }, { 0 }, 0 });
	PLAY("name 0", { { PRIME_FLINK, A, 0 }, { 0 }, 0 });
	PLAY("but it has the name 7", { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_FLINK, A, 0 }, { .name = 8 }, 0 });
	PLAY("success instead of No such file", { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_EXPORT, A, 0 }, { .inode = 5 }, 3 }, { { PRIME_CLOSE, A, 0 }, { 0 }, 1 },
	     { { PRIME_OPEN, B, 0 }, { .handle = 1 }, 0 });
	PLAY("No such file or directory instead of success",
	     { { PRIME_FLINK, A, 0 }, { .name = 7 }, 0 },
	     { { PRIME_OPEN, B, 0 }, { .ret = -ENOENT }, 0 });
}

static void steps_end_with_the_object(void **state)
{
	static const struct prime_seen seen;
	struct prime_step steps[PRIME_MAX_STEPS];
	struct prime_model model;
	char why[160], text[32];

	prime_model_init(&model, 1);
	/* export, flink, close, close the file: neither an fd nor a name to do more with */
	assert_int_equal(prime_model_steps(&model, steps), 4);
	prime_step_text(steps[0], text, sizeof(text));
	assert_string_equal(text, "a.export");
	prime_step_text(steps[2], text, sizeof(text));
	assert_string_equal(text, "a.close");
	prime_model_take(&model, steps[2], &seen, why, sizeof(why));
	assert_int_equal(prime_model_steps(&model, steps), 0);
}

static void steps_fit(void **state)
{
	struct prime_step steps[PRIME_MAX_STEPS];
	struct prime_model model = { 0 };

	/* one fd, one free handle in each file: nothing is ruled out */
	for (int file = 0; file < PRIME_FILES; file++)
		for (int slot = 0; slot < PRIME_HANDLES; slot++)
			model.handle[file][slot].handle = slot + 1;
	model.handle[A][0].cached = model.handle[B][0].cached = true;
	model.fds = 1;
	model.name = 1;
	assert_true(prime_model_steps(&model, steps) <= PRIME_MAX_STEPS);
	assert_int_equal(prime_model_steps(&model, steps), 4 + 2 + 4 + 0 + 4 + 1 + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_kernel),   cmocka_unit_test(two_handles_in_one_file),
		cmocka_unit_test(broken_kernels), cmocka_unit_test(steps_end_with_the_object),
		cmocka_unit_test(steps_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
