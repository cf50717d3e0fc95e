/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_RESULTS_DOCUMENT_H
#define RUNNER_RESULTS_DOCUMENT_H

#include <jansson.h>

struct diag;

/* The version of igt_runner's results.json that is read and written. */
#define RESULTS_VERSION 10

/*
 * A results document is the JSON object of an igt_runner results.json, whole: what gemrace does not
 * know stays in it. gemrace adds "gemrace" (an object about the run) at the top, and to a test
 * "vm" (the number of the VM it ran in), "reason" (one line), "cut_off" (results_cut_off()), and
 * "title", "fingerprint" and "known" (known_apply()).
 */
json_t *results_new(const char *name);

/* Reads one. GEMRACE_HARNESS with the file's name and what is wrong with it, else. */
int results_load(const char *path, json_t **ret_root, struct diag *d);

/* Writes @root beside @path, then renames: a full disk leaves no half file. */
int results_save(const json_t *root, const char *path, struct diag *d);

/* The object of tests; the "gemrace" object, created when missing. Both belong to @root. */
json_t *results_tests(const json_t *root);
json_t *results_info(json_t *root);

/*
 * A JSON string of @text, whatever its bytes: jansson takes UTF-8 only, and a console may hold
 * anything or be cut inside a character. Then '?' stands for each byte that is not ASCII. NULL when
 * memory is short.
 */
json_t *results_string(const char *text);

/* The "result" word of @test; "notrun" when it has none. */
const char *results_word(const json_t *test);

/* The seconds @test took, 0 when it does not say. */
double results_seconds(const json_t *test);

#endif
