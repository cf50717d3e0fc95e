/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_MUTANT_H
#define RUNNER_PROVE_MUTANT_H

#include "prove/kernels.h"

#include <stdbool.h>
#include <stddef.h>

struct diag;

enum mutant_kind {
	MUTANT_DET,    /* one sequence of calls shows it */
	MUTANT_RACE,   /* needs two lanes */
	MUTANT_FAIL,   /* needs a failing allocation: a kernel with fault injection */
	MUTANT_REPAIR, /* a negative control: every test must pass with it */
};

/* A semantic patch that puts a bug back; the header's words are in mutants/README.md. */
struct mutant {
	char *id;   /* the file's name without ".cocci" */
	char *path; /* of the semantic patch */
	char *title, *origin, *symptom;
	char *survives;   /* why nothing can notice it, where that is known; else NULL */
	char *module;     /* as in struct kernel_module; "vmlinux": not a module */
	char **files;     /* of the kernel it changes, each of them; NULL-terminated */
	char **devices;   /* what the VM needs; NULL-terminated */
	char **caught_by; /* "binary@subtest" patterns, NULL-terminated, maybe empty */
	struct kernel_range kernels;
	enum mutant_kind kind;
};

/* "det", "race", "fail", "repair". */
const char *mutant_kind_word(enum mutant_kind kind);

/*
 * Reads the header at the start of @text, a file called @path. A word that is missing, given twice,
 * unknown or empty is GEMRACE_USAGE with the file and the line. mutant_finish() frees the rest.
 */
int mutant_parse(const char *path, const char *text, struct mutant *ret, struct diag *d);
void mutant_finish(struct mutant *mutant);

struct mutants {
	struct mutant *at;
	size_t count;
};

/*
 * Reads every *.cocci of the folder @dir, in the order of their names. A folder without any is
 * GEMRACE_USAGE, as is a bad header.
 */
int mutants_load(const char *dir, struct mutants *ret, struct diag *d);
void mutants_finish(struct mutants *mutants);

#endif
