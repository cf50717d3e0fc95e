/* SPDX-License-Identifier: MIT */
/*
 * Counters of objects that no list in the kernel shows: GEM objects, sync_files, syncobjs, fences.
 *
 * Probes at their birth and death count hits, and nothing else: two numbers a kind, cheap enough to
 * stay on while a race runs. Arming them takes most of a second on an emulated machine, so they can
 * be left in place, under a name that every process knows, for the next one. What still lives and
 * where it was made is told by the census (census.h), which costs more.
 */
#ifndef ORACLE_COUNTS_H
#define ORACLE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum count_kind { COUNT_GEM_OBJECT, COUNT_SYNC_FILE, COUNT_SYNCOBJ, COUNT_FENCE, COUNT_NR_KINDS };

struct counts;

/**
 * counts_open() - the counters that are in place, else new ones.
 * @root: prefix of the path of tracefs, NULL for the running system
 * @create: whether new ones may be made
 * @ret: owned by the caller, counts_close()
 *
 * Returns 0; -ENOENT without tracefs, or where there are none and @create is false; -EACCES or
 * -EPERM without the right to; -ENOMEM.
 */
int counts_open(const char *root, bool create, struct counts **ret);

/** counts_close() - @keep: leaves the counters in place, for the next process. */
void counts_close(struct counts *counts, bool keep);

/** struct count - one kind since the counters were made. */
struct count {
	int err;            /* 0, or why this kind is not counted */
	int64_t born, died; /* their difference may be below 0: objects older than the counters */
};

/**
 * counts_read() - all kinds as of now.
 *
 * A syncobj that is reset counts as dead: of those, at least as many live as the counts say. Fences
 * that are stubs are not counted.
 * Returns 0 or -ENOMEM.
 */
int counts_read(struct counts *counts, struct count ret[COUNT_NR_KINDS]);

const char *count_kind_name(enum count_kind kind);

#endif
