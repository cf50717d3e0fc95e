/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_PROVE_RECORD_H
#define RUNNER_PROVE_RECORD_H

#include <jansson.h>

struct kernel;
struct options;
struct proof;

/* The JSON of `gemrace prove --json`, described in docs/prove.md. Each returns a new reference. */

/* The run: kernel, date, machine. @about is the "gemrace" object of a VM's results, or NULL. */
json_t *record_run(const struct options *options, const struct kernel *kernel, json_t *about);

/* One mutant: what it is, what became of it, and under "igt" what the peer (or NULL) made of it. */
json_t *record_mutant(const struct proof *proof, const struct proof *peer, double build_s);

/* The stock kernel with one set of devices. */
json_t *record_control(const struct proof *proof);

#endif
