// SPDX-License-Identifier: MIT
#include "igt/packet.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct igt_packet_header) == 16, "igt_runner reads four 32-bit words");

void igt_packet_init(struct igt_packet *packet, enum igt_packet_type type)
{
	packet->header = (struct igt_packet_header){
		.size = sizeof(packet->header),
		.type = type,
		.pid = getpid(),
		.tid = (int32_t)syscall(SYS_gettid),
	};
}

void igt_packet_add_u8(struct igt_packet *packet, uint8_t value)
{
	if (packet->header.size < sizeof(packet->bytes))
		packet->bytes[packet->header.size++] = (char)value;
}

void igt_packet_add_string(struct igt_packet *packet, const char *text, size_t length)
{
	size_t room = sizeof(packet->bytes) - packet->header.size;

	if (!room)
		return;
	if (length > room - 1)
		length = room - 1;
	memcpy(packet->bytes + packet->header.size, text, length);
	packet->bytes[packet->header.size + length] = '\0';
	packet->header.size += (uint32_t)length + 1;
}
