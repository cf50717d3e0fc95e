/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_TRIAL_H
#define RUNNER_PROVE_TRIAL_H

#include "prove/proof.h"

struct diag;
struct options;
struct prepared;

/*
 * One suite put to the test: its subtests run on the stock kernel and on each mutant. The stock
 * kernel (the control) runs with each set of devices, when first asked for; a subtest that fails
 * there proves nothing.
 */
struct trial {
	const char *name;      /* of the suite: first part of its folders' names */
	const char *tests_dir; /* its binaries, NULL: this build's */
	const struct options *options;
	int boots;       /* of each mutant */
	const char *dir; /* where VMs leave their results */
	int cancel_fd;
	struct proof *controls;
	size_t control_count;
	json_t *about; /* what a VM's results say of the machine; NULL before the first */
};

/* Which tests a kernel runs: patterns, NULL-terminated; NULL or empty: all of them. */
struct trial_tests {
	char *const *mutant, *const *control; /* the control's are those of all its mutants */
};

/*
 * Boots what was @prepared of proof->mutant trial->boots times, with its tests until the
 * first that fails, and settles the proof. 0 or -errno with @d filled in; GEMRACE_USAGE when vm
 * does not take the tests.
 */
int trial_run(struct trial *trial, const struct prepared *prepared, const struct trial_tests *tests,
	      struct proof *proof, struct diag *d);

void trial_finish(struct trial *trial);

#endif
