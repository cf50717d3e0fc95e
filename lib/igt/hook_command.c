// SPDX-License-Identifier: MIT
#include "igt/hook_command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igt/log.h"
#include "igt/state.h"

static const char *const event_names[] = {
	[IGT_HOOK_PRE_TEST] = "pre-test",
	[IGT_HOOK_PRE_SUBTEST] = "pre-subtest",
	[IGT_HOOK_PRE_DYN_SUBTEST] = "pre-dyn-subtest",
	[IGT_HOOK_POST_DYN_SUBTEST] = "post-dyn-subtest",
	[IGT_HOOK_POST_SUBTEST] = "post-subtest",
	[IGT_HOOK_POST_TEST] = "post-test",
	[IGT_HOOK_POST_KMOD_UNBIND] = "post-kmod-unbind",
};

#define EVENTS (sizeof(event_names) / sizeof(event_names[0]))

const char igt_hook_help[] =
	"--hook [EVENTS:]COMMAND, up to 16 times, runs COMMAND through the shell.\n"
	"EVENTS is a comma-separated list of pre-test, pre-subtest, pre-dyn-subtest,\n"
	"post-dyn-subtest, post-subtest and post-test, or * for all, which is the default.\n"
	"A command that itself has a colon needs EVENTS in front.\n"
	"The command finds in its environment:\n"
	"  IGT_HOOK_EVENT          one of the names above\n"
	"  IGT_HOOK_TEST_FULLNAME  igt@test[@subtest[@dynamic-subtest]]\n"
	"  IGT_HOOK_TEST           the test binary\n"
	"  IGT_HOOK_SUBTEST        the subtest, or empty\n"
	"  IGT_HOOK_DYN_SUBTEST    the dynamic subtest, or empty\n"
	"  IGT_HOOK_RESULT         SUCCESS, SKIP, FAIL or CRASH in the post events, else empty\n"
	"The command's exit status changes no result. post-kmod-unbind is accepted for IGT's\n"
	"sake; no test here unbinds a driver.\n";

/* The command behind the colon, and in @ret_mask the events before it. NULL: no such event. */
static const char *parse(const char *hook, unsigned int *ret_mask, const char **ret_bad)
{
	const char *colon = strchr(hook, ':');
	const char *at = hook;

	if (!colon) {
		*ret_mask = ~0u;
		return hook;
	}

	*ret_mask = 0;
	while (at <= colon) {
		size_t length = strcspn(at, ",:");
		bool known = false;

		for (size_t i = 0; i < EVENTS; i++) {
			if (strlen(event_names[i]) == length &&
			    !strncmp(event_names[i], at, length)) {
				*ret_mask |= 1u << i;
				known = true;
			}
		}
		if (length == 1 && *at == '*') {
			*ret_mask = ~0u;
			known = true;
		}
		if (!known) {
			*ret_bad = at;
			return NULL;
		}
		at += length + 1;
	}
	return colon + 1;
}

int igt_hook_check(const char *hook, char *ret_error, size_t error_size)
{
	const char *bad = NULL;
	unsigned int mask;

	if (parse(hook, &mask, &bad))
		return 0;

	snprintf(ret_error, error_size, "Unknown hook event: %.*s", (int)strcspn(bad, ",:"), bad);
	return -EINVAL;
}

static void set_environment(enum igt_hook_event event, const char *result)
{
	const char *subtest = igt_state.subtest;
	const char *dynamic = igt_state.dynamic;
	char full[3 * IGT_NAME_MAX];

	snprintf(full, sizeof(full), "igt@%s%s%s%s%s", igt_state.test, *subtest ? "@" : "", subtest,
		 *dynamic ? "@" : "", dynamic);
	setenv("IGT_HOOK_EVENT", event_names[event], 1);
	setenv("IGT_HOOK_TEST_FULLNAME", full, 1);
	setenv("IGT_HOOK_TEST", igt_state.test, 1);
	setenv("IGT_HOOK_SUBTEST", subtest, 1);
	setenv("IGT_HOOK_DYN_SUBTEST", dynamic, 1);
	setenv("IGT_HOOK_RESULT", result, 1);
}

void igt_hook_run(enum igt_hook_event event, const char *result)
{
	const struct igt_options *options = &igt_state.options;

	for (size_t i = 0; i < options->hooks_count; i++) {
		const char *bad, *command;
		unsigned int mask;
		int status;

		command = parse(options->hooks[i], &mask, &bad);
		if (!command || !(mask & 1u << event))
			continue;
		set_environment(event, result);
		fflush(NULL);
		status = system(command);
		/* As in IGT it changes no result, so it must not warn either. */
		if (status)
			igt_debug("hook '%s' at %s ended with status %#x\n", command,
				  event_names[event], (unsigned int)status);
	}
}
