// SPDX-License-Identifier: MIT
/* Packets: byte for byte what igt_runner reads. Text on a socket and on the streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "igt/output.h"
#include "igt/packet.h"

static void header(void **state)
{
	struct igt_packet packet;
	uint32_t words[4];

	igt_packet_init(&packet, IGT_PACKET_DYNAMIC_START);
	memcpy(words, packet.bytes, sizeof(words));
	assert_int_equal(words[0], 16);
	assert_int_equal(words[1], 6);
	assert_int_equal(words[2], getpid());
	assert_int_equal(words[3], gettid());

	assert_int_equal(IGT_PACKET_LOG, 1);
	assert_int_equal(IGT_PACKET_RESULT_OVERRIDE, 9);
}

static void data(void **state)
{
	struct igt_packet packet;

	igt_packet_init(&packet, IGT_PACKET_LOG);
	igt_packet_add_u8(&packet, 2);
	igt_packet_add_string(&packet, "abcdef", 3);
	igt_packet_add_string(&packet, "", 0);
	assert_int_equal(packet.header.size, 16 + 1 + 4 + 1);
	assert_memory_equal(packet.bytes + 16, "\2abc\0", 6);
}

/* What does not fit is cut, and the last byte is always a NUL inside the packet. */
static void overflow(void **state)
{
	static char text[2 * IGT_PACKET_MAX];
	struct igt_packet packet;

	memset(text, 'x', sizeof(text));
	for (size_t begin = IGT_PACKET_MAX - 20; begin < IGT_PACKET_MAX; begin++) {
		igt_packet_init(&packet, IGT_PACKET_LOG);
		igt_packet_add_string(&packet, text, begin - 17);
		assert_int_equal(packet.header.size, begin);
		igt_packet_add_string(&packet, text, sizeof(text));
		igt_packet_add_string(&packet, text, sizeof(text));
		igt_packet_add_u8(&packet, 1);
		assert_int_equal(packet.header.size, IGT_PACKET_MAX);
		assert_int_equal(packet.bytes[IGT_PACKET_MAX - 1], '\0');
	}
}

/* Read one datagram and check its type and data. */
static void expect(int fd, uint32_t type, const char *bytes, size_t length)
{
	char datagram[IGT_PACKET_MAX];
	struct igt_packet_header head;
	ssize_t n = recv(fd, datagram, sizeof(datagram), MSG_DONTWAIT);

	assert_true(n >= (ssize_t)sizeof(head));
	memcpy(&head, datagram, sizeof(head));
	assert_int_equal(head.size, n);
	assert_int_equal(head.type, type);
	assert_int_equal(n - (ssize_t)sizeof(head), length);
	assert_memory_equal(datagram + sizeof(head), bytes, length);
}

#define EXPECT(fd, type, literal) expect(fd, type, literal, sizeof(literal))

static void on_a_socket(void **state)
{
	static char big[3 * IGT_PACKET_MAX];
	char number[16];
	size_t got = 0;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	snprintf(number, sizeof(number), "%d", pair[0]);
	setenv("IGT_RUNNER_SOCKET_FD", number, 1);
	igt_output_init();
	assert_true(igt_output_to_runner());

	igt_output_version("IGT-Version: x\n");
	EXPECT(pair[1], 8, "IGT-Version: x\n");
	igt_output_start(false, "a-b");
	EXPECT(pair[1], 4, "a-b");
	igt_output_start(true, "c");
	EXPECT(pair[1], 6, "c");
	igt_output_result(true, "c", IGT_RESULT_SKIP, 0.0005, NULL);
	EXPECT(pair[1], 7,
	       "c\0SKIP\0"
	       "0.001\0");
	igt_output_result(false, "a-b", IGT_RESULT_FAIL, 61.25, "f.c:1: no");
	EXPECT(pair[1], 5,
	       "a-b\0FAIL\0"
	       "61.250\0f.c:1: no");
	igt_output_puts(STDERR_FILENO, "hello\n");
	EXPECT(pair[1], 1, "\2hello\n");

	/* Long text comes in pieces, none lost. */
	memset(big, 'y', sizeof(big));
	igt_output_write(STDOUT_FILENO, big, sizeof(big));
	for (;;) {
		char datagram[IGT_PACKET_MAX];
		ssize_t n = recv(pair[1], datagram, sizeof(datagram), MSG_DONTWAIT);

		if (n < 0)
			break;
		got += (size_t)n - sizeof(struct igt_packet_header) - 2;
	}
	assert_int_equal(got, sizeof(big));

	/* A runner that is gone must not end the test. */
	close(pair[1]);
	igt_output_puts(STDERR_FILENO, "anybody?\n");
	close(pair[0]);
	unsetenv("IGT_RUNNER_SOCKET_FD");
}

/* A leftover that names no socket is not believed. */
static void no_socket(void **state)
{
	static const char *const wrong[] = { "", "x", "-1", "0x", "1 ", "99999999999", "63" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setenv("IGT_RUNNER_SOCKET_FD", wrong[i], 1);
		igt_output_init();
		assert_false(igt_output_to_runner());
	}
	unsetenv("IGT_RUNNER_SOCKET_FD");
}

static void numbers(void **state)
{
	char buf[8];

	assert_int_equal(igt_text_add_number(buf, sizeof(buf), 0, 0, 1), 1);
	assert_memory_equal(buf, "0", 1);
	assert_int_equal(igt_text_add_number(buf, sizeof(buf), 0, 7, 3), 3);
	assert_memory_equal(buf, "007", 3);
	assert_int_equal(igt_text_add_number(buf, sizeof(buf), 0, 123456789, 1), 8);
	assert_memory_equal(buf, "12345678", 8);
	assert_int_equal(igt_text_add(buf, sizeof(buf), 8, "more"), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),   cmocka_unit_test(data),
		cmocka_unit_test(overflow), cmocka_unit_test(no_socket),
		cmocka_unit_test(numbers),  cmocka_unit_test(on_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
