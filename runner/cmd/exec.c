// SPDX-License-Identifier: MIT
/*
 * gemrace vm --exec: boots the guest as for the tests, and runs a command in it instead. stdout is
 * the command's own; what gemrace has to say goes to stderr.
 */
#include "cmd/vm.h"
#include "diag.h"
#include "guest/extra.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define TIME_MAX_S 3600 /* without --timeout: a command that hangs must not hang us */

/* The tests, what measures and what --add brought are called by their names. */
static const char path[] = "PATH=/usr/bin:/bin:" EXTRA_PATH ":/usr/libexec/gemrace"
			   ":/usr/libexec/gemrace/bench:/usr/libexec/gemrace/selftest";

static const char *const ends[] = {
	[VM_END_PANIC] = "the kernel went down",
	[VM_END_HANG] = "the machine stopped answering",
	[VM_END_TIMEOUT] = "the VM's time was up",
	[VM_END_DIED] = "the machine was gone all at once",
	[VM_END_BOOT_FAILED] = "the guest did not come up",
	[VM_END_INTERRUPTED] = "interrupted",
};

static void on_event(void *data, const struct vm_event *event)
{
	struct session *s = data;

	if (event->kind == VM_EVENT_OUTPUT) {
		puts(event->value);
		fflush(stdout);
	} else if (event->kind == VM_EVENT_READY) {
		progress_note(&s->progress, "VM up after %.1f s", event->at_s);
	} else if (event->kind == VM_EVENT_FACT) {
		progress_note(&s->progress, "%-11s %s", event->name, event->value);
	}
}

static void on_console(void *data, const char *line)
{
	struct session *s = data;

	if (s->options->verbose)
		progress_note(&s->progress, "console: %s", line);
}

static int boot(struct session *s, const struct machine *m, struct vm_outcome *ret, struct diag *d)
{
	const struct options *o = s->options;
	const struct vm_observer observer = { .event = on_event, .console = on_console, .data = s };
	const char *env[16] = { path };
	struct vm_config config;
	char dir[PATH_MAX / 2 + 16], console[PATH_MAX];

	for (size_t i = 0; i < s->settings.count && i + 2 < sizeof(env) / sizeof(*env); i++)
		env[i + 1] = s->settings.at[i];
	snprintf(dir, sizeof(dir), "%s/vm-1", s->dir);
	snprintf(console, sizeof(console), "%s/console.log", dir);
	if (mkdir(dir, 0777))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", dir, strerror(errno));
	config = machine_config(s, m);
	config.share = dir;
	config.console = console;
	config.argv = o->command;
	config.env = env;
	config.timeout_s = o->timeout_s ? o->timeout_s : TIME_MAX_S;
	return vm_run(&config, &observer, ret, d);
}

/* Where the command's end mark is missing: the console's last words, and why in one line. */
static int explain(struct session *s, const struct vm_outcome *outcome, struct diag *d)
{
	const char *line = outcome->excerpt ? outcome->excerpt : "";

	while (*line) {
		int n = strcspn(line, "\n");

		progress_note(&s->progress, "console: %.*s", n, line);
		line += n + (line[n] == '\n');
	}
	return diag_set(d, GEMRACE_HARNESS, EIO, "%s%s%s", ends[outcome->end],
			outcome->guest_error ? ": " : "",
			outcome->guest_error ? outcome->guest_error : "");
}

static int run(struct session *s, struct diag *d)
{
	struct vm_outcome outcome = { .end = VM_END_OK };
	struct machine_parts parts;
	int ret;

	ret = machine_parts_make(s, &parts, d);
	ret = ret ?: session_prepare(s, d);
	ret = ret ?: boot(s, &parts.machine, &outcome, d);
	machine_parts_finish(&parts);
	if (!ret)
		ret = outcome.end == VM_END_OK ? outcome.exit_status : explain(s, &outcome, d);
	vm_outcome_finish(&outcome);
	return ret;
}

int vm_exec(const struct options *options, struct diag *d)
{
	struct session s;
	int ret;

	ret = session_open(options, SESSION_NO_TESTS, &s, d);
	if (!ret)
		ret = run(&s, d);
	session_close(&s);
	if (ret >= 0 && ferror(stdout))
		ret = GEMRACE_EXEC; /* main() says why */
	if (ret < 0 && d->status == GEMRACE_HARNESS)
		d->status = GEMRACE_EXEC;
	return ret;
}
