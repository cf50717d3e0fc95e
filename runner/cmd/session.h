/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_SESSION_H
#define RUNNER_CMD_SESSION_H

#include "exec/cancel.h"
#include "exec/igt.h"
#include "known/known.h"
#include "plan/places.h"
#include "plan/plan.h"
#include "report/progress.h"

#include <jansson.h>
#include <limits.h>

/* What run and vm share: what is to be run, where results go, what is known so far. */
struct session {
	const struct options *options;
	struct places places;
	const char *tests_dir; /* places' tests or selftest */
	struct plan plan;
	struct settings settings;
	struct known_list known;
	char dir[PATH_MAX / 2]; /* the results folder, absolute; or one of our own in $TMPDIR */
	bool temporary, prepared;
	int lock;     /* keeps other gemraces out of it; -1: none */
	json_t *root; /* the results document, with its "gemrace" object growing */
	int teller;   /* the VM whose facts that object takes; 0: the next one to start */
	struct progress progress;
	FILE *out; /* for people: stdout, or stderr under --json */
	double start_s;
	struct cancel cancel;
	bool cancellable;
};

enum session_tests {
	SESSION_TESTS,
	SESSION_SELFTESTS,
	SESSION_NO_TESTS, /* a command instead, whose output has stdout for itself */
};

/*
 * Finds the tests and plans the run; touches nothing yet. From here on Ctrl-C is a wish to end in
 * order. 0 or -errno with @d filled in; session_close() in any case.
 */
int session_open(const struct options *options, enum session_tests tests, struct session *s,
		 struct diag *d);

/* Makes the results folder. */
int session_prepare(struct session *s, struct diag *d);

/* Sets @key of the "gemrace" object; takes over @value. */
void session_set(struct session *s, const char *key, json_t *value);

/* Notes what went wrong with the harness: the run cannot be a success any more. */
void session_fail(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Completes the results (what never ran is notrun) and writes DIR/results.json. */
int session_save(struct session *s, struct diag *d);

/*
 * Saves, and prints the summary or the JSON document. Returns the exit status, or -errno with @d
 * filled in.
 */
int session_report(struct session *s, struct diag *d);

void session_close(struct session *s);

#endif
