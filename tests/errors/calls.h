/* SPDX-License-Identifier: MIT */
/* The calls whose error paths are taken, as a table. */
#ifndef ERRORS_CALLS_H
#define ERRORS_CALLS_H

#include <stddef.h>

#include "errors/env.h"

#define CALL_ARGS_MAX 256

/** What a device or kernel must have beyond the things themselves. */
enum call_needs {
	CALL_FLINK = 1 << 0,
	CALL_EXPORT = 1 << 1,
	CALL_IMPORT = 1 << 2,
	CALL_SYNCOBJ = 1 << 3,
	CALL_TIMELINE = 1 << 4,
	CALL_MODESET = 1 << 5,
	CALL_VGEM = 1 << 6,
	CALL_UDMABUF = 1 << 7,
	CALL_HEAP = 1 << 8,
	CALL_FOREIGN = 1 << 9, /* CALL_UDMABUF or CALL_HEAP */
};

struct error_call {
	const char *name;
	unsigned int needs;  /**< enum call_needs */
	unsigned int things; /**< enum env_thing */
	/** The fd the ioctl is for, by its place in struct env. */
	size_t fd_offset;
	unsigned long request; /**< 0: @call is no ioctl, and its argument is ours alone */
	size_t size;           /**< bytes of its argument */
	bool gives_fd;
	int also;      /**< an error that stands for a failed allocation too, or 0 */
	bool optional; /**< not every driver or kernel can do it, and only trying tells */
	void (*fill)(const struct env *env, void *args);
	/** Instead of the ioctl. */
	int (*call)(const struct env *env, void *args);
	/** After success: takes back what was made. @ret: what the call returned. */
	void (*undo)(struct env *env, const void *args, int ret);
};

extern const struct error_call error_calls[];
extern const size_t error_calls_count;

/** NULL when the call can be made here, else why not. */
const char *error_call_missing(const struct error_call *call, const struct env *env);

/** Makes the call once, never restarted: what the kernel returned, or -errno. */
int error_call_make(const struct error_call *call, const struct env *env, void *args);

/**
 * Whether it answers through drm_ioctl(), which copies the answer out last: a call that could not
 * tell what it made has made it all the same, and the file has it.
 */
bool error_call_answers_last(const struct error_call *call);

#endif
