/* SPDX-License-Identifier: MIT */
#ifndef SUITE_ACCOUNTS_H
#define SUITE_ACCOUNTS_H

/**
 * Has the ledger of live objects taken around every subtest and dynamic subtest from here on: in
 * the process that runs it, and for the subtest also in the one that reports it, once the other is
 * gone. What is left over after a bounded wait fails the subtest, a line for each object.
 *
 * Call it once, from a fixture. Says which of the kernel's lists could be read.
 */
void suite_accounts_install(void);

#endif
