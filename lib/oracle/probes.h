/* SPDX-License-Identifier: MIT */
/*
 * Where each kind of object is born and dies in the kernel, and how a probe gets there.
 */
#ifndef ORACLE_PROBES_H
#define ORACLE_PROBES_H

#include <stdbool.h>
#include <stddef.h>

#include "oracle/census.h"

#define PROBE_WAYS 2

/** struct probe - one place, with the ways to probe it, the best first. */
struct probe {
	enum census_kind kind;
	bool death;
	const char *event; /* name of the event in our group, or "group/event" of a tracepoint */
	struct {
		const char *type;  /* "p" or "r"; NULL: no (more) ways */
		const char *place; /* function and arguments; unused for a tracepoint */
		bool keyed;        /* has the object's address as "obj" */
	} way[PROBE_WAYS];
	const char *filter; /* what counts, NULL: every hit */
};

extern const struct probe probes[];
extern const size_t nr_probes;

#endif
