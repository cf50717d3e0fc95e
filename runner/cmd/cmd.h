/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_CMD_CMD_H
#define RUNNER_CMD_CMD_H

#include "../options.h"

/*
 * A command returns the exit status (enum gemrace_exit), or -errno with @d filled in: then main()
 * prints the one line and exits with d->status.
 */
typedef int (*command_run)(const struct options *options, struct diag *d);

int cmd_list(const struct options *options, struct diag *d);
int cmd_describe(const struct options *options, struct diag *d);
int cmd_prove(const struct options *options, struct diag *d);
int cmd_run(const struct options *options, struct diag *d);
int cmd_vm(const struct options *options, struct diag *d);

/* The same for a command with words and options of its own; @argv[0] is its name. */
typedef int (*command_main)(int argc, char **argv, struct diag *d);

int cmd_kernel(int argc, char **argv, struct diag *d);
int cmd_igt(int argc, char **argv, struct diag *d);

/* The words of `gemrace kernel`; @argv[0] is the word. */
int cmd_kernel_fetch(int argc, char **argv, struct diag *d);
int cmd_kernel_build(int argc, char **argv, struct diag *d);

#endif
