/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_PROOF_H
#define RUNNER_PROVE_PROOF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct mutant;

/* A subtest that noticed a mutant, in one boot. */
struct kill {
	char *subtest;  /* "gem_flink_race@flink-vs-close" */
	char *evidence; /* one line */
	/* Until it noticed: of racing, or until the kernel cried out, or to the subtest's end. */
	double seconds;     /* < 0: not known, the kernel was gone */
	long long attempts; /* of the race until then, -1: not a race, or it did not say */
	int boot;
	bool known; /* of the stock kernel: a defect listed in ci/known */
};

enum proof_status {
	PROOF_KILLED,       /* at least one boot had a subtest that fails here and not on stock */
	PROOF_SURVIVED,     /* everything that ran passed */
	PROOF_INCONCLUSIVE, /* no kill, but a race was underpowered or a test did not run */
	PROOF_BUILT,        /* builds; that was all that was asked for */
	PROOF_BAD,          /* does not parse, apply or compile, or changes nothing */
	PROOF_FAILED,       /* the harness or the VM failed */
};

/* What became of one mutant, or of the stock kernel (mutant NULL), under one set of tests. */
struct proof {
	const struct mutant *mutant;
	char *devices; /* of the stock kernel: the ones it ran with; else NULL */
	enum proof_status status;
	char *why; /* of PROOF_BAD, FAILED and INCONCLUSIVE; else NULL */
	int boots, boots_killed;
	struct kill *kills;
	size_t kill_count;
	double build_s;
};

/*
 * "killed", "SURVIVED"... A kernel that must pass has words of its own: the stock one "clean" or
 * "NOT CLEAN", a repair "passed" or "FAILED".
 */
const char *proof_word(const struct proof *proof);
const char *proof_status_word(enum proof_status status);

/* Whether a test that fails is good news: not for the stock kernel, nor for a repair. */
bool proof_is_of_bug(const struct proof *proof);

/* Whether @subtest ("binary@subtest") is among the kills; false when @proof is NULL. */
bool proof_has_kill(const struct proof *proof, const char *subtest);

/*
 * Takes the results of boot number @boot into @proof: a test that failed is a kill, for a bug only
 * if it is not known, and not among those of @control (may be NULL) that are not. -ENOMEM or 0.
 */
int proof_add_results(struct proof *proof, json_t *results, const struct proof *control, int boot);

/* Settles the status once all boots are in. */
void proof_settle(struct proof *proof);

/* The kill that took least, over all boots; NULL without any. */
const struct kill *proof_quickest(const struct proof *proof);

/*
 * The quickest kill of each boot, sorted: the value that @percent of them do not exceed. < 0 when
 * not a single boot killed.
 */
double proof_percentile(const struct proof *proof, int percent);

/* The kills, for one record for machines; the caller owns it. */
json_t *proof_json(const struct proof *proof);

/* One line of the table for people, of the mutant (or what else) called @id. */
void proof_print(const struct proof *proof, const char *id, FILE *f);

void proof_finish(struct proof *proof);

#endif
