/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_TURN_H
#define RUNNER_CMD_TURN_H

#include "cmd/session.h"
#include "vm/vm.h"

/* What every VM of a run has in common. The strings are borrowed. */
struct machine {
	const struct kernel *kernel;
	const char *image, *igt_root, *cache;
	const char *tests_dir; /* in the guest */
	int test_timeout_s;
};

/*
 * Boots VMs one after another until every planned test has a result, collecting each one's into
 * s->root. A VM that dies costs the test that ran; the next one goes on after it. Ends early, with
 * s->root's "harness_error" set, when a VM does not come up or gets nothing done, on Ctrl-C, and
 * after TURNS_MAX, and when a VM cannot be started after another one had results. -errno with @d
 * filled in only when there is nothing to report.
 */
#define TURNS_MAX 16
int turns_run(struct session *s, const struct machine *machine, struct diag *d);

#endif
