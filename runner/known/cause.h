/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KNOWN_CAUSE_H
#define RUNNER_KNOWN_CAUSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thing that a result shows: a cry of the kernel, or a sentence of the test's. */
struct cause {
	char text[256];       /* a cry's normalised title; else what broke, in the test's words */
	char fingerprint[17]; /* of a cry, "" for a sentence */
	bool died;            /* a cry that the task or the kernel did not survive */
	unsigned int frames;  /* of a cry, how many its fingerprint is made of */
	uint64_t time_us;     /* of a cry, since boot; 0 when not known */
};

struct causes {
	struct cause *at;
	size_t count;
};

/*
 * All that made @test, an entry of results.json, what it is: the cries in its kernel log and on the
 * console, each failure that its binary printed, and where there is none of these the reason that
 * people are told. 0 or -ENOMEM; causes_finish() in any case.
 */
int causes_of(const json_t *test, struct causes *ret);
void causes_finish(struct causes *causes);

/* The cry that ended the test, else the first one; NULL when the kernel did not cry. */
const struct cause *causes_main_cry(const struct causes *causes);

#endif
