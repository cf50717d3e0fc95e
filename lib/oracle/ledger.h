/* SPDX-License-Identifier: MIT */
/*
 * The ledger of live objects: what exists before a subtest, what exists after, and whose it is.
 *
 *	struct ledger *before;
 *	struct ledger_diff *diff;
 *
 *	ledger_take(NULL, &before);
 *	... the test ...
 *	ledger_settle(before, LEDGER_SETTLE_MS, &diff);
 *	if (diff->leaks)
 *		ledger_report(diff, stream);
 *
 * It reads what the kernel shows of itself (debugfs, /proc, /sys), without help from a driver.
 * Every source can be missing (no debugfs, no CONFIG_SW_SYNC, no root): the ledger says which were
 * read.
 *
 * Nothing here prints or asserts. A ledger is immutable once taken.
 */
#ifndef ORACLE_LEDGER_H
#define ORACLE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/** LEDGER_SETTLE_MS - a bound that covers delayed work, RCU and a busy emulated machine. */
#define LEDGER_SETTLE_MS 2000

enum ledger_kind {
	LEDGER_DMA_BUF,     /* id: inode, count: file references */
	LEDGER_FLINK_NAME,  /* id: name, handles, count: object references */
	LEDGER_DRM_FILE,    /* an open drm file; pid: who opened it */
	LEDGER_FRAMEBUFFER, /* id: KMS object id, count: references */
	LEDGER_FENCE,       /* sw_sync only: a fence or timeline that is listed */
	LEDGER_MODULE,      /* count: references held by objects, not by other modules */
	LEDGER_FD,          /* a graphics fd of this process; id: the number */
	LEDGER_OBJECTS,     /* what a driver itself counts; count: so many, pid: whose, or 0 */
	LEDGER_NR_KINDS
};

enum ledger_source {
	LEDGER_BUFINFO,      /* debugfs dma_buf/bufinfo */
	LEDGER_GEM_NAMES,    /* debugfs dri/N/gem_names */
	LEDGER_CLIENTS,      /* debugfs dri/N/clients */
	LEDGER_FRAMEBUFFERS, /* debugfs dri/N/framebuffer */
	LEDGER_SYNC_INFO,    /* debugfs sync/info */
	LEDGER_MODULES,      /* /sys/module/M/refcnt */
	LEDGER_FDS,          /* /proc/self/fd */
	LEDGER_DRIVER,       /* debugfs dri/N/, of drivers that count objects themselves */
	LEDGER_NR_SOURCES
};

/** struct ledger_item - one object, or one counter, at one moment. */
struct ledger_item {
	enum ledger_kind kind;
	int minor;       /* DRM primary minor, -1 where there is none */
	pid_t pid;       /* owner where the kernel names one, else 0 */
	uint64_t id;     /* identity within kind and minor, 0 where there is none */
	uint64_t inode;  /* LEDGER_FD and LEDGER_DMA_BUF: what st_ino says */
	uint64_t size;   /* bytes, 0 where unknown */
	int64_t count;   /* references, see enum ledger_kind */
	int64_t handles; /* GEM handles, -1 where unknown */
	char owner[32];  /* exporter, driver, module or what an fd is */
	char name[48];   /* name of a buffer, command of a client or of a framebuffer's maker */
};

/** struct ledger_status - how the reading of one source went. */
struct ledger_status {
	int err; /* 0: read. -errno: not available, its kinds are not accounted */
	unsigned int items;
	unsigned int refused; /* lines of an unknown shape: a format this code does not know */
};

struct ledger {
	pid_t pid;         /* whose fds, and whose process tree is "ours" */
	uint64_t taken_us; /* CLOCK_MONOTONIC */
	struct ledger_status status[LEDGER_NR_SOURCES];
	struct ledger_item *items;
	size_t nr_items, size_items;
};

/** struct ledger_opts - zero, or a NULL pointer, means the running system and this process. */
struct ledger_opts {
	const char *root; /* prefix of /sys and /proc: a recorded system, for the unit tests */
	pid_t pid;        /* process whose fds are listed; its descendants count as ours */
};

/**
 * ledger_take() - looks at everything once.
 * @ret: owned by the caller, ledger_free()
 *
 * A source that cannot be read is not an error; it is noted in ledger.status.
 * Returns 0 or -ENOMEM.
 */
int ledger_take(const struct ledger_opts *opts, struct ledger **ret);
void ledger_free(struct ledger *ledger);

enum ledger_change_kind {
	LEDGER_APPEARED, /* not there before */
	LEDGER_GREW,     /* there before, and holds more references or handles now */
	LEDGER_VANISHED, /* was there before; not a leak, told for completeness */
};

enum ledger_attribution {
	LEDGER_OURS,         /* nobody else can have made it, or it names one of our processes */
	LEDGER_NOT_OURS,     /* it names another process, or only another process holds it */
	LEDGER_UNATTRIBUTED, /* others use DRM here and the kernel does not say whose it is */
};

struct ledger_change {
	enum ledger_change_kind change;
	enum ledger_attribution whose;
	struct ledger_item before; /* zero for LEDGER_APPEARED */
	struct ledger_item after;  /* zero for LEDGER_VANISHED */
	int held_by_fd;   /* our fd that still holds the object, -1: none, the kernel does */
	bool held_by_map; /* one of our mappings still holds it */
};

/** ledger_change_is() - whether it is a leak of @whose: what vanished is nobody's. */
static inline bool ledger_change_is(const struct ledger_change *change,
				    enum ledger_attribution whose)
{
	return change->change != LEDGER_VANISHED && change->whose == whose;
}

/** struct ledger_diff - what is different, and how long was waited for it to go. */
struct ledger_diff {
	struct ledger_change *changes;
	size_t nr_changes;
	unsigned int leaks;       /* APPEARED or GREW, and OURS */
	unsigned int doubtful;    /* APPEARED or GREW, and UNATTRIBUTED */
	unsigned int other_users; /* foreign processes with graphics fds, looked up when needed */
	unsigned int waited_ms;
	unsigned int looks;
	bool used_rcu_barrier; /* rcutree.do_rcu_barrier, Linux 6.6 and later */
	bool used_membarrier;  /* MEMBARRIER_CMD_GLOBAL: synchronize_rcu() on SMP */
	struct ledger_status before[LEDGER_NR_SOURCES];
	struct ledger_status after[LEDGER_NR_SOURCES];
};

/**
 * ledger_compare() - differences between two ledgers of one process.
 * @opts: as for ledger_take(); who else uses DRM is looked up there when something differs
 *
 * A source missing in either ledger takes no part. Returns 0 or -ENOMEM.
 */
int ledger_compare(const struct ledger_opts *opts, const struct ledger *before,
		   const struct ledger *after, struct ledger_diff **ret);

/**
 * ledger_settle() - looks until nothing of ours is left over, @bound_ms at most.
 * @ret: what was left over at the last look; owned by the caller
 *
 * Files close in task work or on a workqueue, fences and objects are freed after an RCU grace
 * period. Between two looks the kernel is asked to catch up (an RCU barrier where it offers one,
 * a grace period elsewhere). Call it from the process that took @before.
 *
 * Returns 0 (whether clean or not: ask diff->leaks) or -ENOMEM.
 */
int ledger_settle(const struct ledger *before, unsigned int bound_ms, struct ledger_diff **ret);

void ledger_diff_free(struct ledger_diff *diff);

/**
 * ledger_report() - what leaked, a line each, and then which sources said so.
 *
 * Lists leaks first, then doubtful changes; says nothing about other processes' objects.
 */
void ledger_report(const struct ledger_diff *diff, FILE *out);

/** ledger_change_text() - one change as one line without newline, cut to @size. */
void ledger_change_text(const struct ledger_change *change, char *buf, size_t size);

const char *ledger_source_name(enum ledger_source source);

#endif
