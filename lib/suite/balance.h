/* SPDX-License-Identifier: MIT */
#ifndef SUITE_BALANCE_H
#define SUITE_BALANCE_H

#include "oracle/ledger.h"
#include "race/race.h"

/*
 * The ledger within a subtest: at a moment when nothing made since may be left, although the drm
 * files are still open. What hides in a file's caches is let go when the file is closed, too late
 * for the accounts around the subtest.
 */

/** Asserts that it could be taken; ledger_free() it. */
struct ledger *balance_take(void);

/** 0, or -1 with the first thing of ours that is still there after LEDGER_SETTLE_MS. */
int balance_check(const struct ledger *before, struct race_why *why);

/**
 * Waits until a dma-buf is no longer listed in debugfs's dma_buf/bufinfo: one file instead of the
 * whole ledger, for checks by the hundred.
 *
 * 0; -EBUSY: still listed after LEDGER_SETTLE_MS; or why the list cannot be read (-errno).
 */
int balance_wait_gone(uint64_t inode);

#endif
