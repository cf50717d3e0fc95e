/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_VM_EXCERPT_H
#define RUNNER_VM_EXCERPT_H

#include <stdbool.h>
#include <stddef.h>

#define EXCERPT_HEAD 160
#define EXCERPT_TAIL 120
#define EXCERPT_LAST 30 /* of the lines that are kept without a report */

/*
 * Watches a serial console for the kernel's cries. Keeps the first lines from the first cry on and
 * the last lines, so that neither what began it nor the panic that ended it is lost. Start with a
 * zeroed struct.
 */
struct excerpt {
	char *head[EXCERPT_HEAD]; /* from the first cry's title on */
	size_t head_count;
	char *tail[EXCERPT_TAIL]; /* ring */
	size_t tail_count;        /* lines ever put there */
	bool report;              /* the kernel cried: oops, BUG, KASAN, hung task */
	bool died;                /* a task or the kernel did not survive it */
	bool panic;               /* "Kernel panic" */
};

void excerpt_line(struct excerpt *excerpt, const char *line);

/* What follows counts, as if the kernel had cried: unless it did before. */
void excerpt_start(struct excerpt *excerpt);

/*
 * Forgets what was a subtest's own: another one begins. Not after a cry that was deadly, which may
 * have overtaken the news.
 */
void excerpt_begin(struct excerpt *excerpt);

/* From the first cry on, else the last lines; the caller frees it. NULL: nothing was printed. */
char *excerpt_text(const struct excerpt *excerpt);

void excerpt_finish(struct excerpt *excerpt);

#endif
