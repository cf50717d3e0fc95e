// SPDX-License-Identifier: MIT
/* The ring of log lines: order, wrap-around, cutting, and many writers at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "igt/ring.h"

static struct igt_ring ring;
static char seen[IGT_RING_LINES * IGT_RING_LINE_BYTES];
static size_t seen_length;

static void collect(const char *line, size_t length)
{
	memcpy(seen + seen_length, line, length);
	seen_length += length;
}

static void dump(void)
{
	seen_length = 0;
	igt_ring_each(&ring, collect);
	seen[seen_length] = '\0';
}

static void order(void **state)
{
	igt_ring_reset(&ring);
	assert_true(igt_ring_empty(&ring));
	igt_ring_add(&ring, "one\n", 4);
	igt_ring_add(&ring, "two", 3); /* a line that lacks its end gets one */
	igt_ring_add(&ring, "", 0);
	assert_false(igt_ring_empty(&ring));
	dump();
	assert_string_equal(seen, "one\ntwo\n\n");
}

static void wrap(void **state)
{
	char line[16];

	igt_ring_reset(&ring);
	for (int i = 0; i < IGT_RING_LINES + 3; i++) {
		int n = snprintf(line, sizeof(line), "%d\n", i);

		igt_ring_add(&ring, line, (size_t)n);
	}
	dump();
	assert_int_equal(strncmp(seen, "3\n4\n", 4), 0);
	assert_string_equal(seen + seen_length - 4, "258\n");
}

static void cut(void **state)
{
	char line[2 * IGT_RING_LINE_BYTES];

	memset(line, 'z', sizeof(line));
	igt_ring_reset(&ring);
	igt_ring_add(&ring, line, sizeof(line));
	dump();
	assert_int_equal(seen_length, IGT_RING_LINE_BYTES - 1);
	assert_int_equal(seen[seen_length - 1], '\n');
}

static void *write_many(void *arg)
{
	for (int i = 0; i < 10000; i++)
		igt_ring_add(&ring, arg, strlen(arg));
	return NULL;
}

static void writers(void **state)
{
	static char names[4][8] = { "aaa\n", "bbb\n", "ccc\n", "ddd\n" };
	pthread_t threads[4];

	igt_ring_reset(&ring);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	dump();
	assert_int_equal(seen_length, 4 * IGT_RING_LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(wrap),
		cmocka_unit_test(cut),
		cmocka_unit_test(writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
