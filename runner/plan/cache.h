/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PLAN_CACHE_H
#define RUNNER_PLAN_CACHE_H

struct diag;

/*
 * The folder for what can be fetched or built again: $GEMRACE_CACHE, else $XDG_CACHE_HOME/gemrace,
 * else ~/.cache/gemrace. Created when missing; absolute; the caller frees *@ret_path.
 */
int cache_find(char **ret_path, struct diag *d);

#endif
