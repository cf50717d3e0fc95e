// SPDX-License-Identifier: MIT
#include "igt/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "igt/packet.h"

#define MARKER_MAX 1024

static int runner_fd = -1;
static bool sentinel_on_stderr;
static bool bold; /* stdout is a terminal, and IGT_PLAIN_OUTPUT does not forbid it */

void igt_output_init(void)
{
	const char *number = getenv("IGT_RUNNER_SOCKET_FD");
	struct stat st;
	char *end;
	long fd;

	sentinel_on_stderr = getenv("IGT_SENTINEL_ON_STDERR");
	bold = isatty(STDOUT_FILENO) && !getenv("IGT_PLAIN_OUTPUT");
	if (!number || !*number)
		return;
	fd = strtol(number, &end, 10);
	/* Anything else is a leftover of some other environment: text works everywhere. */
	if (*end || fd < 0 || fd > 65535 || fstat((int)fd, &st) || !S_ISSOCK(st.st_mode))
		return;
	runner_fd = (int)fd;
}

bool igt_output_to_runner(void)
{
	return runner_fd >= 0 || sentinel_on_stderr;
}

static void write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* a reader that went away must not end the test */
		text += n;
		length -= (size_t)n;
	}
}

static void send_packet(const struct igt_packet *packet)
{
	while (send(runner_fd, packet, packet->header.size, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}

static void send_log(int stream, const char *text, size_t length)
{
	/* Leave room for the header, the stream and the NUL. */
	const size_t most = IGT_PACKET_MAX - 32;

	while (length) {
		size_t part = length < most ? length : most;
		struct igt_packet packet;

		igt_packet_init(&packet, IGT_PACKET_LOG);
		igt_packet_add_u8(&packet, (uint8_t)stream);
		igt_packet_add_string(&packet, text, part);
		send_packet(&packet);
		text += part;
		length -= part;
	}
}

void igt_output_write(int stream, const char *text, size_t length)
{
	int saved = errno;

	if (runner_fd >= 0)
		send_log(stream, text, length);
	else
		write_all(stream, text, length);
	errno = saved;
}

void igt_output_puts(int stream, const char *text)
{
	igt_output_write(stream, text, strlen(text));
}

static void write_marker(const char *line, size_t length)
{
	if (bold)
		write_all(STDOUT_FILENO, "\033[1m", 4);
	write_all(STDOUT_FILENO, line, length);
	if (bold)
		write_all(STDOUT_FILENO, "\033[0m", 4);
	if (sentinel_on_stderr)
		write_all(STDERR_FILENO, line, length);
}

void igt_output_version(const char *line)
{
	if (runner_fd >= 0) {
		struct igt_packet packet;

		igt_packet_init(&packet, IGT_PACKET_VERSIONSTRING);
		igt_packet_add_string(&packet, line, strlen(line));
		send_packet(&packet);
	} else {
		write_all(STDOUT_FILENO, line, strlen(line));
	}
}

void igt_output_start(bool dynamic, const char *name)
{
	char line[MARKER_MAX];
	size_t n = 0;

	if (runner_fd >= 0) {
		struct igt_packet packet;

		igt_packet_init(&packet,
				dynamic ? IGT_PACKET_DYNAMIC_START : IGT_PACKET_SUBTEST_START);
		igt_packet_add_string(&packet, name, strlen(name));
		send_packet(&packet);
		return;
	}
	n = igt_text_add(line, sizeof(line), n,
			 dynamic ? "Starting dynamic subtest: " : "Starting subtest: ");
	n = igt_text_add(line, sizeof(line), n, name);
	n = igt_text_add(line, sizeof(line), n, "\n");
	write_marker(line, n);
}

size_t igt_text_add(char *buf, size_t size, size_t at, const char *text)
{
	while (*text && at < size)
		buf[at++] = *text++;
	return at;
}

size_t igt_text_add_number(char *buf, size_t size, size_t at, unsigned long value, int digits)
{
	char text[24];
	int i = sizeof(text);

	text[--i] = '\0';
	do {
		text[--i] = (char)('0' + value % 10);
		value /= 10;
		digits--;
	} while (value || digits > 0);
	return igt_text_add(buf, size, at, text + i);
}

/* printf("%.3f") is not async-signal-safe, and a crash must print its time too. */
static size_t add_seconds(char *buf, size_t size, size_t at, double seconds)
{
	unsigned long ms = seconds > 0 ? (unsigned long)(seconds * 1000 + 0.5) : 0;

	at = igt_text_add_number(buf, size, at, ms / 1000, 1);
	at = igt_text_add(buf, size, at, ".");
	return igt_text_add_number(buf, size, at, ms % 1000, 3);
}

void igt_output_result(bool dynamic, const char *name, enum igt_result result, double seconds,
		       const char *reason)
{
	const char *word = igt_result_word(result);
	char line[MARKER_MAX];
	size_t n = 0;

	if (runner_fd >= 0) {
		struct igt_packet packet;

		n = add_seconds(line, sizeof(line), 0, seconds);
		igt_packet_init(&packet,
				dynamic ? IGT_PACKET_DYNAMIC_RESULT : IGT_PACKET_SUBTEST_RESULT);
		igt_packet_add_string(&packet, name, strlen(name));
		igt_packet_add_string(&packet, word, strlen(word));
		igt_packet_add_string(&packet, line, n);
		igt_packet_add_string(&packet, reason ?: "", reason ? strlen(reason) : 0);
		send_packet(&packet);
		return;
	}
	n = igt_text_add(line, sizeof(line), n, dynamic ? "Dynamic subtest " : "Subtest ");
	n = igt_text_add(line, sizeof(line), n, name);
	n = igt_text_add(line, sizeof(line), n, ": ");
	n = igt_text_add(line, sizeof(line), n, word);
	n = igt_text_add(line, sizeof(line), n, " (");
	n = add_seconds(line, sizeof(line), n, seconds);
	n = igt_text_add(line, sizeof(line), n, "s)\n");
	write_marker(line, n);
}
