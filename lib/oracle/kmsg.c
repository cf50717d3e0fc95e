// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "oracle/kmsg.h"

/* PRINTKRB_RECORD_MAX and its predecessors: a longer record cannot be read at all. */
#define RECORD_MAX 8192

int kmsg_parse(struct text raw, struct kmsg_record *ret)
{
	struct text prefix, seq, time, flags, more, line;
	struct kmsg_record record = { 0 };
	uint64_t number;

	if (!text_line(&raw, &line) || !text_find(line, TEXT(";")))
		return -EINVAL;
	text_field(&line, ';', &more);
	if (!text_field(&more, ',', &prefix) || !text_field(&more, ',', &seq) ||
	    !text_field(&more, ',', &time) || !text_field(&more, ',', &flags))
		return -EINVAL;
	if (text_u64(prefix, 10, &number) || number > UINT32_MAX ||
	    text_u64(seq, 10, &record.seq) || text_u64(time, 10, &record.time_us))
		return -EINVAL;
	record.level = number & 7;
	record.facility = number >> 3;
	record.text = line;
	/* Fields that later kernels may add come after the ones above. */
	while (text_field(&more, ',', &flags)) {
		if (text_skip(&flags, TEXT("caller=")))
			record.caller = flags;
	}
	*ret = record;
	return 0;
}

int kmsg_open(struct kmsg *kmsg)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	*kmsg = (struct kmsg){ .fd = fd };
	return 0;
}

void kmsg_close(struct kmsg *kmsg)
{
	if (kmsg->fd >= 0)
		close(kmsg->fd);
	kmsg->fd = -1;
}

int kmsg_drain(struct kmsg *kmsg, int (*visit)(const struct kmsg_record *record, void *data),
	       void *data)
{
	char buf[RECORD_MAX];
	int err = 0;

	while (!err) {
		ssize_t len = read(kmsg->fd, buf, sizeof(buf));
		struct kmsg_record record;

		if (len >= 0) {
			/* A record that makes no sense is kept from the visitor, not fatal. */
			if (!kmsg_parse((struct text){ buf, len }, &record))
				err = visit(&record, data);
			if (!len)
				break;
		} else if (errno == EPIPE) {
			kmsg->lost++; /* overwritten; the position is now the oldest one */
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			err = -errno;
		}
	}
	return err;
}

bool kmsg_wait(struct kmsg *kmsg, int bound_ms)
{
	struct pollfd pfd = { .fd = kmsg->fd, .events = POLLIN };

	return poll(&pfd, 1, bound_ms) > 0;
}
