/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_TURNS_H
#define RUNNER_CMD_TURNS_H

#include "cmd/turn.h"

/*
 * Boots VMs until every planned test has a result, collecting each one's into s->root. First those
 * that share VMs, one VM after another: one that dies costs the test that ran, and the next one
 * goes on after it. Then each destructive test in a VM of its own.
 *
 * Ends early, with s->root's "harness_error" set, when a VM does not come up, on Ctrl-C, and when a
 * VM cannot be started after another one had results; the shared part also when a VM gets nothing
 * done, and after TURNS_MAX. -errno with @d filled in only when there is nothing to report.
 */
#define TURNS_MAX 16
int turns_run(struct session *s, const struct machine *machine, struct diag *d);

#endif
