/* SPDX-License-Identifier: MIT */
/*
 * Cries of the kernel: a BUG, a WARNING, an oops, a sanitizer's report, a stall - each one record,
 * with a title and a fingerprint that stay the same from boot to boot.
 */
#ifndef ORACLE_SPLAT_H
#define ORACLE_SPLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "oracle/kmsg.h"

enum splat_kind {
	SPLAT_WARNING,
	SPLAT_BUG,  /* "kernel BUG at", or a "BUG:" of no kind of its own */
	SPLAT_OOPS, /* bad access, general protection fault, invalid opcode */
	SPLAT_KASAN,
	SPLAT_KFENCE,
	SPLAT_KCSAN,
	SPLAT_KMSAN,
	SPLAT_UBSAN,
	SPLAT_REFCOUNT,
	SPLAT_LIST, /* list corruption */
	SPLAT_SLAB, /* SLUB's consistency checks */
	SPLAT_DEBUG_OBJECTS,
	SPLAT_LOCKDEP,
	SPLAT_ATOMIC, /* scheduling or sleeping where it is forbidden */
	SPLAT_RCU_STALL,
	SPLAT_LOCKUP, /* soft or hard */
	SPLAT_HUNG_TASK,
	SPLAT_KMEMLEAK,
	SPLAT_PANIC,
	SPLAT_NR_KINDS
};

#define SPLAT_FRAMES 5

/** struct splat - one cry. */
struct splat {
	enum splat_kind kind;
	uint64_t seq;       /* of its first record */
	uint64_t time_us;   /* since boot */
	unsigned int lines; /* records it took, follow-ups included */
	char title[200];    /* normalised: no addresses, offsets, CPUs, pids, line numbers */
	char line[200];     /* the line it was recognised by, as logged */
	char frames[SPLAT_FRAMES][64]; /* innermost first, functions that only report left out */
	unsigned int nr_frames;
	char module[32]; /* of the innermost frame that is in one, or empty */
	char task[20];   /* command of the task it happened in, or empty */
	pid_t pid;       /* of that task; -1 when the kernel did not say */
	bool in_irq;     /* in an interrupt of that task, which need not have caused it */
	bool died;       /* the task was killed or the kernel panicked: nothing after counts */
};

/**
 * splat_fingerprint() - kind, and the frames or else the title, as 16 hexadecimal digits.
 *
 * The same on every machine and, as long as those functions call each other, every kernel.
 */
void splat_fingerprint(const struct splat *splat, char buf[17]);

const char *splat_kind_name(enum splat_kind kind);

struct splat_scan;

/** splat_scan_new() - a recogniser, NULL when out of memory. */
struct splat_scan *splat_scan_new(void);
void splat_scan_free(struct splat_scan *scan);

/**
 * splat_scan_feed() - the next record of the log.
 *
 * Records of other facilities than the kernel's are ignored: what user space wrote into the log
 * is no cry of the kernel. Returns 0 or -ENOMEM.
 */
int splat_scan_feed(struct splat_scan *scan, const struct kmsg_record *record);

/** splat_scan_pending() - whether the last cry still lacks its stack trace. */
bool splat_scan_pending(const struct splat_scan *scan);

/**
 * splat_scan_result() - all cries so far; they stay the recogniser's.
 *
 * The last one may still grow with the next record.
 */
const struct splat *splat_scan_result(const struct splat_scan *scan, size_t *ret_nr);

#endif
