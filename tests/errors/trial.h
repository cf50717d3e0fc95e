/* SPDX-License-Identifier: MIT */
/* One call made to fail, and what must be true after it. */
#ifndef ERRORS_TRIAL_H
#define ERRORS_TRIAL_H

#include "errors/calls.h"

struct ledger;

/** struct trial - the calls of one device, and what was wrong with them */
struct trial {
	struct env env;
	struct ledger *ledger;      /* while the files are closed */
	struct env_numbers numbers; /* in new files */
	void *args;                 /* of an undisturbed call, CALL_ARGS_MAX bytes */
	bool each;                  /* look at the ledger after each call: slow, names the call */
	unsigned int left;          /* objects, when that began */
	unsigned int made, refused; /* calls; those that failed as they were made to */
	unsigned int wrong;
	char first[256]; /* what was wrong first */
};

/** How calls are made to fail. */
struct trial_way {
	/**
	 * Fills in the arguments at *@args, or makes that point elsewhere, and makes the call: what
	 * the kernel returned, or -errno.
	 */
	int (*make)(struct trial *trial, const struct error_call *call, const struct trial_way *way,
		    void **args);
	void *data;       /**< make()'s own */
	bool only_ioctls; /**< leave out what takes no argument in memory */
	/**
	 * The answer may get lost: drm_ioctl() copies it out last. What the call made is then still
	 * the caller's, and goes with its file.
	 */
	bool may_lose_answer;
};

/** Opens the device twice and looks at everything. Asserts. */
void trial_init(struct trial *trial, const struct drm_device *device);

/** Where no buffer can be made, trial_init() skips; this says why, with nothing open. */
bool trial_try_init(struct trial *trial, const struct drm_device *device, char *why, size_t size);

/**
 * Fails the subtest when anything was wrong, or when anything is left over; skips when no call
 * could be made. Frees everything.
 */
void trial_finish(struct trial *trial);

/**
 * Whether the calls so far should be made again because something is left over and no call is
 * blamed for it yet. If so, each is looked at from now on; what is left already is not held
 * against them.
 */
bool trial_again(struct trial *trial);

/** Whether the call can be made here, or why not. Makes one that not every kernel has. */
bool trial_can(struct trial *trial, const struct error_call *call, char *why, size_t size);

/**
 * trial_make - one call, from nothing to nothing
 *
 * Makes what the call needs, makes it fail, looks whether everything is as before, makes it again
 * undisturbed, and takes everything back: then nothing may be left.
 *
 * Returns what the kernel returned to the call that was to fail, or -errno.
 */
int trial_make(struct trial *trial, const struct error_call *call, const struct trial_way *way);

/** Notes that something was wrong with @call. */
void trial_wrong(struct trial *trial, const struct error_call *call, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
