/* SPDX-License-Identifier: MIT */
#ifndef IGT_PACKET_H
#define IGT_PACKET_H

#include <stddef.h>
#include <stdint.h>

/*
 * igt_runner's datagrams. The runner stores them byte for byte, so this is its file format too:
 * four 32-bit words in host order, then the data; each string with its NUL.
 */
enum igt_packet_type {
	IGT_PACKET_LOG = 1, /* u8 stream (1 stdout, 2 stderr), text */
	IGT_PACKET_EXEC,    /* EXEC and EXIT are the runner's own */
	IGT_PACKET_EXIT,
	IGT_PACKET_SUBTEST_START,  /* name */
	IGT_PACKET_SUBTEST_RESULT, /* name, result word, seconds as text, reason */
	IGT_PACKET_DYNAMIC_START,
	IGT_PACKET_DYNAMIC_RESULT,
	IGT_PACKET_VERSIONSTRING,   /* text */
	IGT_PACKET_RESULT_OVERRIDE, /* result in lower case */
};

struct igt_packet_header {
	uint32_t size; /* of the whole packet, header included, in bytes */
	uint32_t type;
	int32_t pid;
	int32_t tid;
};

#define IGT_PACKET_MAX 8192

struct igt_packet {
	union {
		struct igt_packet_header header;
		char bytes[IGT_PACKET_MAX];
	};
};

/* Begin a packet sent by the calling thread. Async-signal-safe, like the two below. */
void igt_packet_init(struct igt_packet *packet, enum igt_packet_type type);
void igt_packet_add_u8(struct igt_packet *packet, uint8_t value);
/* Add @length bytes of @text and a NUL. Text that does not fit is cut. */
void igt_packet_add_string(struct igt_packet *packet, const char *text, size_t length);

#endif
