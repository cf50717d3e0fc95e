// SPDX-License-Identifier: MIT
/* A failed walk becomes the shortest that fails, and its words lead back to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "suite/walk_shrink.h"

/* A kernel with one bug: step 3 and, any time later, step 5 with no step 0 in between. */
struct toy {
	bool armed;
	bool blocked; /* step 7 is possible only after step 6 */
	unsigned int walks;
};

static int toy_begin(void *ctx, struct race_why *why)
{
	struct toy *toy = ctx;

	toy->armed = false;
	toy->blocked = true;
	toy->walks++;
	return 0;
}

static unsigned int toy_steps(void *ctx, unsigned int *ret_steps)
{
	struct toy *toy = ctx;
	unsigned int count = toy->blocked ? 7 : 8;

	for (unsigned int i = 0; i < count; i++)
		ret_steps[i] = i;
	return count;
}

static int toy_take(void *ctx, unsigned int step, struct race_why *why)
{
	struct toy *toy = ctx;

	if (step == 6)
		toy->blocked = false;
	if (step == 3)
		toy->armed = true;
	if (step == 0)
		toy->armed = false;
	return step == 5 && toy->armed ? race_why(why, "boom") : 0;
}

static int toy_end(void *ctx, struct race_why *why)
{
	return 0;
}

static void toy_abandon(void *ctx)
{
}

static void toy_text(unsigned int step, char *buf, size_t size)
{
	buf[0] = '\0';
	if (step < 8)
		snprintf(buf, size, "step%u", step);
}

static uint64_t no_time(void)
{
	return 0;
}

static struct walk_subject subject_of(struct toy *toy)
{
	return (struct walk_subject){ toy,     toy_begin,   toy_steps, toy_take,
				      toy_end, toy_abandon, toy_text };
}

static void shrinks_to_the_shortest(void **state)
{
	struct toy toy = { 0 };
	struct walk_subject subject = subject_of(&toy);
	struct walk walk = { .count = 12, .step = { 1, 3, 0, 6, 7, 2, 3, 4, 7, 1, 5, 2 } };
	char text[WALK_TEXT_SIZE];

	assert_int_equal(walk_take(&subject, &walk, WALK_STRICT), WALK_FAILED);
	assert_int_equal(walk.count, 11);
	toy.walks = 0;
	assert_true(walk_shrink(&subject, &walk, 1, no_time) > 0);
	walk_text(&subject, &walk, text, sizeof(text));
	assert_string_equal(text, "step3,step5");
	assert_string_equal(walk.why.text, "boom");
}

static void stops_when_time_is_over(void **state)
{
	struct toy toy = { 0 };
	struct walk_subject subject = subject_of(&toy);
	struct walk walk = { .count = 3, .step = { 3, 1, 5 } };

	assert_int_equal(walk_shrink(&subject, &walk, 0, no_time), 0);
	assert_int_equal(walk.count, 3);
}

static void takes_what_is_possible(void **state)
{
	struct toy toy = { 0 };
	struct walk_subject subject = subject_of(&toy);
	struct walk walk = { .count = 3, .step = { 1, 7, 2 } };
	struct walk same = walk;

	assert_int_equal(walk_take(&subject, &walk, WALK_LENIENT), WALK_HELD);
	assert_int_equal(walk.count, 2);
	assert_int_equal(walk_take(&subject, &same, WALK_STRICT), WALK_IMPOSSIBLE);
	assert_int_equal(same.count, 1);
}

static void words(void **state)
{
	struct toy toy = { 0 };
	struct walk_subject subject = subject_of(&toy);
	char error[128] = "", many[WALK_MAX * 8 + 8] = "step1";
	struct walk walk;

	assert_int_equal(walk_parse(&subject, "step3,step5", &walk, error, sizeof(error)), 0);
	assert_int_equal(walk.count, 2);
	assert_int_equal(walk.step[1], 5);
	assert_int_not_equal(walk_parse(&subject, "step3,hop", &walk, error, sizeof(error)), 0);
	assert_string_equal(error, "'hop' is no step of this test");
	assert_int_not_equal(walk_parse(&subject, "step3,", &walk, error, sizeof(error)), 0);
	assert_int_not_equal(walk_parse(&subject, "", &walk, error, sizeof(error)), 0);
	for (int i = 0; i < WALK_MAX; i++)
		strcat(many, ",step1");
	assert_int_not_equal(walk_parse(&subject, many, &walk, error, sizeof(error)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shrinks_to_the_shortest),
		cmocka_unit_test(stops_when_time_is_over),
		cmocka_unit_test(takes_what_is_possible),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
