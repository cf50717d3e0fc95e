/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_DIAG_H
#define RUNNER_DIAG_H

/* Exit status of the gemrace command. Test binaries keep IGT's own. */
enum gemrace_exit {
	GEMRACE_OK = 0,           /* nothing new */
	GEMRACE_DEFECT = 1,       /* the kernel is broken */
	GEMRACE_USAGE = 2,        /* the command line, or what it names, is wrong */
	GEMRACE_INCONCLUSIVE = 3, /* too little ran to say anything */
	GEMRACE_HARNESS = 4,      /* the harness or the VM failed, or was interrupted */
	GEMRACE_EXEC = 125,       /* the same where smaller ones are the guest's command's own */
};

/*
 * Why something failed: one line for the user, without a trailing newline or the program's name,
 * and the status to exit with. Filled in by the function that knows; printed by main() only.
 */
struct diag {
	enum gemrace_exit status;
	char text[1024];
};

/*
 * Fills in @d and returns -@err (@err: a positive errno), so that callers can `return diag_set()`.
 */
int diag_set(struct diag *d, enum gemrace_exit status, int err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
