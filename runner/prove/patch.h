/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_PATCH_H
#define RUNNER_PROVE_PATCH_H

struct diag;
struct mutant;

/* Whether Coccinelle reads the semantic patch. GEMRACE_USAGE with its message when it does not. */
int patch_check(const struct mutant *mutant, struct diag *d);

/*
 * Applies @mutant to the kernel source in @source and writes each file it names below @dest, which
 * must not hold them yet. GEMRACE_USAGE when a file is not there, the patch does not apply to one
 * or leaves it as it is. @source is not written to.
 */
int patch_apply(const struct mutant *mutant, const char *source, const char *dest, struct diag *d);

#endif
