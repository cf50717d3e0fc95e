/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_TURN_H
#define RUNNER_CMD_TURN_H

#include "cmd/session.h"
#include "vm/vm.h"

/* What every VM of a run has in common. The strings are borrowed. */
struct machine {
	const struct kernel *kernel;
	const char *image, *igt_root, *cache;
	const char *tests_dir;      /* in the guest */
	const char *const *devices; /* NULL-terminated */
	int test_timeout_s;
};

/*
 * One boot of @m as the options say. What it runs, for how long, with which folder of the host and
 * which console is the caller's to add.
 */
struct vm_config machine_config(const struct session *s, const struct machine *m);

/* One VM: its folder holds igt_runner's, the console and the kernel log. */
struct turn {
	struct session *s;
	const struct machine *m;
	int number;                     /* from 1 */
	const struct planned_test *one; /* the destructive test it is for; NULL: all others */
	bool resumed; /* igt_resume goes on in a copy of the last turn's folder... */
	char inherited[PLAN_NAME_MAX]; /* ...after this test */
	bool again;                    /* the VM before, for the same tests, did not come up */

	/* The rest is turn.c's. */
	struct progress *progress, own;
	char dir[PATH_MAX / 2 + 32], igt[PATH_MAX / 2 + 48];
	char console[PATH_MAX], done[PATH_MAX];
	struct igt_command command;
	struct vm_config config;
	struct vm_observer observer;
	struct vm *vm;
	struct vm_outcome outcome;
	bool fell_booting;           /* the kernel began to boot and did not come up */
	char name[PLAN_NAME_MAX];    /* of the one test, or "" */
	char last[PLAN_NAME_MAX];    /* the last test started, or "" */
	char running[PLAN_NAME_MAX]; /* the same if it ran when the VM died, or "" */
	int before, after;           /* how many of its tests have a result */
};

/*
 * Makes the folder of @t, whose first members are filled in, and starts its VM. @last: the turn
 * before, for what is resumed. @beside: it is one of several that run at once. 0 or -errno with @d
 * filled in; turn_finish() in any case.
 */
int turn_start(struct turn *t, const struct turn *last, bool beside, struct diag *d);

/*
 * Takes what the VM left behind, which is over or is ended now, into s->root. 0, -errno as above.
 */
int turn_collect(struct turn *t, struct diag *d);

/* Whether another VM makes sense after this one; if not, s->root's "harness_error" says why. */
bool turn_allows_another(const struct turn *t);

/*
 * The kernel went down or stopped on its way up, for the first time: the same may be tried once
 * more. It has not met a test yet, and under TCG a CPU can run into the breakpoint of a kernel text
 * change that is over ("int3" in whatever was patched), which no kernel handles.
 */
bool turn_may_boot_again(const struct turn *t);

void turn_finish(struct turn *t);

#endif
