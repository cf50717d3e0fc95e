/* SPDX-License-Identifier: MIT */
/*
 * The kernel log during a subtest: opened before it, asked for cries after it.
 */
#ifndef ORACLE_KLOG_H
#define ORACLE_KLOG_H

#include <stdio.h>

#include "oracle/splat.h"

struct klog;

/**
 * klog_open() - watches the log from now on.
 * @ret: owned by the caller, klog_close()
 *
 * Returns 0, -ENOMEM, or -errno where the log may not be read (dmesg_restrict without
 * CAP_SYSLOG): then nothing is known of cries, which is not the same as none.
 */
int klog_open(struct klog **ret);
void klog_close(struct klog *klog);

/**
 * klog_collect() - reads what was logged since klog_open().
 * @bound_ms: how long to wait for the rest of a cry that is being printed
 * @ret: all cries since klog_open(), not only the new ones; they stay the klog's
 *
 * Returns 0 or -errno.
 */
int klog_collect(struct klog *klog, unsigned int bound_ms, const struct splat **ret,
		 size_t *ret_nr);

/**
 * klog_keep() - has the last line kept that a program wrote before the first cry.
 * @mark: borrowed; only lines that contain it
 */
void klog_keep(struct klog *klog, const char *mark);

/** klog_kept() - that line from the mark on, the klog's; "" when there is none. */
const char *klog_kept(const struct klog *klog);

/** klog_lost() - how often the log wrapped around before it was read: cries may be missing. */
uint64_t klog_lost(const struct klog *klog);

/**
 * klog_is_ours() - whether the cry happened in a process of our tree.
 *
 * Returns 1 or 0, or -1 when the kernel did not say, the process is gone, or it was a kernel
 * thread or an interrupt: those work for everybody. Ask before the test's processes are reaped.
 */
int klog_is_ours(const struct splat *splat);

/** splat_report() - title, task, frames and fingerprint in a few lines. */
void splat_report(const struct splat *splat, FILE *out);

#endif
