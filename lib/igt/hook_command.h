/* SPDX-License-Identifier: MIT */
#ifndef IGT_HOOK_COMMAND_H
#define IGT_HOOK_COMMAND_H

#include <stddef.h>

/*
 * Shell commands given with --hook [EVENTS:]COMMAND, as IGT has them. C code uses
 * igt/hooks.h instead.
 */
enum igt_hook_event {
	IGT_HOOK_PRE_TEST,
	IGT_HOOK_PRE_SUBTEST,
	IGT_HOOK_PRE_DYN_SUBTEST,
	IGT_HOOK_POST_DYN_SUBTEST,
	IGT_HOOK_POST_SUBTEST,
	IGT_HOOK_POST_TEST,
	IGT_HOOK_POST_KMOD_UNBIND, /* known to IGT, never here */
};

extern const char igt_hook_help[];

/* Is @hook well-formed? Returns 0, or -EINVAL with the reason in @ret_error. */
int igt_hook_check(const char *hook, char *ret_error, size_t error_size);

/* Run those of --hook that ask for @event. @result: the word, "" before the end. */
void igt_hook_run(enum igt_hook_event event, const char *result);

#endif
