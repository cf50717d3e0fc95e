/* SPDX-License-Identifier: MIT */
/*
 * Lines that begin a cry of the kernel, and what is left of them once all that varies is gone.
 */
#ifndef ORACLE_SPLAT_TITLE_H
#define ORACLE_SPLAT_TITLE_H

#include "oracle/splat.h"

struct splat_pattern {
	enum splat_kind kind;
	struct text start;    /* the line begins with this */
	struct text contains; /* and, where not empty, goes on to hold this */
	const char *title;    /* fixed title; NULL: the line, normalised */
	bool follows;         /* elaborates on the cry just before, if that has no trace yet */
	bool died;            /* the task does not survive it */
	bool traceless;       /* no stack trace follows */
};

/** splat_match() - the pattern that @line begins, or NULL: the common case, and cheap. */
const struct splat_pattern *splat_match(struct text line);

/** splat_normalise() - @line without addresses, offsets, numbers that vary, and taint flags. */
void splat_normalise(struct text line, char *buf, size_t size);

/**
 * splat_frame() - the function and module of a stack frame, "func.isra.0+0x1/0x2 [mod]".
 *
 * Returns false for a line that is no frame, and for one the unwinder doubts ("? func").
 */
bool splat_frame(struct text line, char *function, size_t function_size, char *module,
		 size_t module_size);

/** splat_is_reporter() - whether a function only reports what happened in its caller. */
bool splat_is_reporter(const char *function);

#endif
