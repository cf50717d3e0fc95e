// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "oracle/ledger.h"
#include "oracle/settle.h"
#include "sys/clock.h"
#include "sys/waiting.h"

/*
 * Nothing in user space can flush the workqueue that runs a delayed fput or a driver's free work,
 * so between two looks there is a pause: none at first, then from short to long.
 */
#define SHORTEST_PAUSE_US 1000
#define LONGEST_PAUSE_US  32000

/* A busy desktop always has objects that nobody can attribute: waiting longer changes nothing. */
#define DOUBTFUL_MS 100

/* rcu_barrier(): waits until every callback queued so far has run. Linux 6.6 and later, root. */
static bool rcu_barrier(void)
{
	int fd = open("/sys/module/rcutree/parameters/do_rcu_barrier", O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, "1", 1) == 1;
	close(fd);
	return done;
}

/* synchronize_rcu() on SMP: the callbacks may start to run, nothing says when they are through. */
static bool grace_period(void)
{
	return !syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

enum oracle_means oracle_catch_up(void)
{
	if (rcu_barrier())
		return ORACLE_RCU_BARRIER;
	return grace_period() ? ORACLE_GRACE_PERIOD : ORACLE_NO_MEANS;
}

int ledger_settle(const struct ledger *before, unsigned int bound_ms, struct ledger_diff **ret)
{
	const struct ledger_opts opts = { .pid = before->pid };
	struct sys_wait wait = sys_wait_for(bound_ms, 0);
	bool used_barrier = false, used_membarrier = false;
	uint64_t start = sys_now_ms();

	for (unsigned int looks = 1;; looks++) {
		struct ledger_diff *diff;
		struct ledger *after;
		uint64_t waited;
		int err;

		err = ledger_take(&opts, &after);
		if (err)
			return err;
		err = ledger_compare(&opts, before, after, &diff);
		ledger_free(after);
		if (err)
			return err;
		waited = sys_now_ms() - start;
		if (wait.last || (!diff->leaks && (!diff->doubtful || waited >= DOUBTFUL_MS))) {
			diff->looks = looks;
			diff->waited_ms = waited;
			diff->used_rcu_barrier = used_barrier;
			diff->used_membarrier = used_membarrier;
			*ret = diff;
			return 0;
		}
		ledger_diff_free(diff);

		switch (oracle_catch_up()) {
		case ORACLE_RCU_BARRIER:
			used_barrier = true;
			break;
		case ORACLE_GRACE_PERIOD:
			used_membarrier = true;
			break;
		default:
			break;
		}
		sys_wait_again(&wait);
		wait.pause_us = wait.pause_us ? 2 * wait.pause_us : SHORTEST_PAUSE_US;
		if (wait.pause_us > LONGEST_PAUSE_US)
			wait.pause_us = LONGEST_PAUSE_US;
	}
}
