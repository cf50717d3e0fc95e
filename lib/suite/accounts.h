/* SPDX-License-Identifier: MIT */
#ifndef SUITE_ACCOUNTS_H
#define SUITE_ACCOUNTS_H

#include "suite/settings.h"

/**
 * Has the ledger of live objects taken, and what no list shows counted as @mode says, around every
 * subtest and dynamic subtest from here on: in the process that runs it, and for the subtest also
 * in the one that reports it, once the other is gone. What is left over after a bounded wait fails
 * the subtest, a line for each object or kind.
 *
 * Call it once, from a fixture. Says which of the kernel's lists could be read.
 */
void suite_accounts_install(enum suite_census_mode mode);

#endif
