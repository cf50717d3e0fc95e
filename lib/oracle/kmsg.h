/* SPDX-License-Identifier: MIT */
/*
 * The kernel log as /dev/kmsg gives it: from a position on, record by record, losses counted.
 */
#ifndef ORACLE_KMSG_H
#define ORACLE_KMSG_H

#include <stdbool.h>
#include <stdint.h>

#include "oracle/text.h"

/** struct kmsg_record - one line of the log, valid as long as the buffer it was parsed from. */
struct kmsg_record {
	unsigned int level;    /* 0 emergency ... 7 debug */
	unsigned int facility; /* 0: the kernel itself; written through /dev/kmsg it never is 0 */
	uint64_t seq;
	uint64_t time_us;   /* since boot */
	struct text caller; /* "T431", "C1"; empty without CONFIG_PRINTK_CALLER */
	struct text text;   /* still escaped: control characters as \x0a */
};

/**
 * kmsg_parse() - takes one record apart: "prefix,seq,time,flags[,caller=...];text\n KEY=value".
 *
 * See Documentation/ABI/testing/dev-kmsg. Returns 0 or -EINVAL.
 */
int kmsg_parse(struct text raw, struct kmsg_record *ret);

/** struct kmsg - a reader with a position of its own. */
struct kmsg {
	int fd;
	uint64_t lost; /* times that the log wrapped around before it was read */
};

/** kmsg_open() - a reader that sees what is logged from now on. -EPERM, -EACCES: no right to. */
int kmsg_open(struct kmsg *kmsg);
void kmsg_close(struct kmsg *kmsg);

/**
 * kmsg_drain() - hands every record there is to @visit, until that returns non-zero.
 *
 * Never waits. Returns 0, what @visit returned, or -errno.
 */
int kmsg_drain(struct kmsg *kmsg, int (*visit)(const struct kmsg_record *record, void *data),
	       void *data);

/** kmsg_wait() - waits until there is more to read, @bound_ms at most. Whether there is. */
bool kmsg_wait(struct kmsg *kmsg, int bound_ms);

#endif
