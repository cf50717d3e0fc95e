/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own means to catch up with what it frees late.
 */
#ifndef ORACLE_SETTLE_H
#define ORACLE_SETTLE_H

enum oracle_means {
	ORACLE_NO_MEANS,
	ORACLE_GRACE_PERIOD, /* callbacks may run from now on; nothing says when they are through */
	ORACLE_RCU_BARRIER,  /* all callbacks queued so far have run: Linux 6.6 and later, root */
};

/** oracle_catch_up() - waits for RCU, by the best means there is. */
enum oracle_means oracle_catch_up(void);

#endif
