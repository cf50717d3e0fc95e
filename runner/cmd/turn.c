// SPDX-License-Identifier: MIT
#include "cmd/turn.h"

#include "diag.h"
#include "exec/process.h"
#include "results/document.h"
#include "results/folder.h"
#include "results/merge.h"
#include "results/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SHARE          "/gemrace" /* the turn's folder, as the guest sees it */
#define BOOT_MAX_S     120
#define SILENCE_MORE_S 60 /* a guest is given up on this long after igt_runner would have */
#define COPY_TIMEOUT_S 60
#define ROOM_MIN       65536 /* bytes; less than a test's record may take */

/* One VM: its folder holds igt_runner's, the console and the kernel log. */
struct turn {
	struct session *s;
	const struct machine *m;
	int number;   /* from 1 */
	bool resumed; /* igt_resume goes on in a copy of the last turn's folder... */
	char inherited[PLAN_NAME_MAX]; /* ...after this test */
	char dir[PATH_MAX / 2 + 32], igt[PATH_MAX / 2 + 48];
	struct vm_outcome outcome;
	char last[PLAN_NAME_MAX];    /* the last test started, or "" */
	char running[PLAN_NAME_MAX]; /* the same if it ran when the VM died, or "" */
};

/* What a VM's end means for the test that ran and for the run. */
static const struct ending {
	const char *word;    /* for the progress line */
	const char *reason;  /* of the test that ran */
	const char *between; /* the same when none ran */
	bool defect;         /* the kernel's doing; else the test was merely cut off */
	bool go_on;
} endings[] = {
	[VM_END_OK] = { "ok", NULL, NULL, false, true },
	[VM_END_PANIC] = { "panic", "the kernel went down while it ran",
			   "the kernel went down between two tests", true, true },
	[VM_END_HANG] = { "hang", "the machine stopped answering while it ran",
			  "the machine stopped answering between two tests", true, true },
	[VM_END_DIED] = { "died", "the machine was gone all at once while it ran",
			  "the machine was gone all at once between two tests", true, true },
	[VM_END_TIMEOUT] = { "cut off", "cut off: the VM's time was up", "the VM's time was up",
			     false, false },
	[VM_END_BOOT_FAILED] = { "no boot", NULL, "the guest did not come up", false, false },
	[VM_END_INTERRUPTED] = { "cut off", "cut off: interrupted", "interrupted", false, false },
};

static bool skip_run(const void *data, const char *name)
{
	return results_has_run(data, name);
}

static int copy_folder(const char *from, const char *to)
{
	const char *argv[] = { "cp", "-a", from, to, NULL };
	int status = 0, err;

	err = process_run(
		&(struct process){ .argv = argv, .timeout_s = COPY_TIMEOUT_S, .cancel_fd = -1 },
		&status);
	return err ? err : status ? -EIO : 0;
}

/* The folder, and in it the list of what remains or the folder igt_resume goes on in. */
static int prepare(struct turn *t, const struct turn *last, struct diag *d)
{
	char path[PATH_MAX];
	int n;

	snprintf(t->dir, sizeof(t->dir), "%s/vm-%d", t->s->dir, t->number);
	snprintf(t->igt, sizeof(t->igt), "%s/igt", t->dir);
	if (mkdir(t->dir, 0777))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", t->dir, strerror(errno));

	snprintf(path, sizeof(path), "%s/test-list.txt", t->dir);
	n = plan_write(&t->s->plan, path, skip_run, t->s->root);
	if (n < 0)
		return diag_set(d, GEMRACE_HARNESS, -n, "%s: %s", path, strerror(-n));

	if (!t->resumed)
		return 0;
	n = copy_folder(last->igt, t->igt);
	if (n < 0)
		return diag_set(d, GEMRACE_HARNESS, -n, "%s: cannot copy: %s", last->igt,
				strerror(-n));
	snprintf(path, sizeof(path), "%s/results.json", t->igt);
	unlink(path);
	return 0;
}

static void add_fact(struct session *s, const char *list, const char *value)
{
	json_t *info = results_info(s->root), *array = json_object_get(info, list);

	if (!array) {
		array = json_array();
		json_object_set_new(info, list, array);
	}
	json_array_append_new(array, results_string(value));
}

static void take_accel(struct session *s, const char *accel)
{
	const struct options *o = s->options;

	session_set(s, "accel", results_string(accel));
	session_set(s, "machine",
		    json_sprintf("QEMU %s, %d CPUs, %d MiB", accel, o->cpus, o->memory_mib));
	progress_note(&s->progress, "machine     QEMU %s%s, %d CPUs, %d MiB", accel,
		      o->accel == VM_ACCEL_AUTO && strcmp(accel, "kvm")
			      ? " (KVM runs no guest here)"
			      : "",
		      o->cpus, o->memory_mib);
}

static void take_fact(struct turn *t, const char *name, const char *value)
{
	if (t->number > 1)
		return;
	if (!strcmp(name, "accel"))
		take_accel(t->s, value);
	else if (!strcmp(name, "device"))
		add_fact(t->s, "devices", value);
	else if (!strcmp(name, "detector"))
		add_fact(t->s, "detectors", value);
	else if (!strcmp(name, "cpus"))
		session_set(t->s, name, json_integer(atoi(value)));
	else
		session_set(t->s, name, results_string(value));
}

static void on_event(void *data, const struct vm_event *event)
{
	struct turn *t = data;
	struct progress *p = &t->s->progress;

	switch (event->kind) {
	case VM_EVENT_FACT:
		take_fact(t, event->name, event->value);
		break;
	case VM_EVENT_READY:
		progress_note(p, "VM %d up after %.1f s", t->number, event->at_s);
		break;
	case VM_EVENT_OUTPUT:
		if (t->s->options->verbose)
			progress_note(p, "%s", event->value);
		progress_line(p, event->value);
		break;
	case VM_EVENT_SUBTEST_START:
		progress_started(p); /* igt_runner's own line waits in its buffer */
		break;
	default:
		break; /* the other marks in the kernel log: igt_runner's lines say the same */
	}
}

static void on_console(void *data, const char *line)
{
	struct turn *t = data;

	if (t->s->options->verbose)
		progress_note(&t->s->progress, "console: %s", line);
}

static int boot(struct turn *t, struct diag *d)
{
	const struct options *o = t->s->options;
	char console[PATH_MAX], list[] = SHARE "/test-list.txt", igt[] = SHARE "/igt";
	struct igt_command command;
	int err;

	err = t->resumed ? igt_command_resume("igt_resume", igt, &command)
			 : igt_command_run(&t->s->settings, "igt_runner", t->m->test_timeout_s,
					   list, t->m->tests_dir, igt, &command);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "out of memory");
	snprintf(console, sizeof(console), "%s/console.log", t->dir);
	err = vm_run(
		&(struct vm_config){
			.kernel = t->m->kernel,
			.image = t->m->image,
			.accel = o->accel,
			.cpus = o->cpus,
			.memory_mib = o->memory_mib,
			.append = o->append,
			.devices = o->devices.at,
			.share = t->dir,
			.cache = t->m->cache,
			.console = console,
			.argv = (const char *const *)command.argv,
			.timeout_s = o->timeout_s ? o->timeout_s
						  : BOOT_MAX_S + (int)t->s->plan.count *
									 t->m->test_timeout_s,
			.inactivity_s = t->m->test_timeout_s + SILENCE_MORE_S,
			.cancel_fd = t->s->cancel.fd,
		},
		&(struct vm_observer){ .event = on_event, .console = on_console, .data = t },
		&t->outcome, d);
	igt_command_finish(&command);
	return err;
}

/* igt_runner's results.json, made now if the VM died before that was there, or was whole. */
static int load_results(struct turn *t, json_t **ret_document, struct diag *d)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/results.json", t->igt);
	if (!results_load(path, ret_document, d))
		return 0;
	unlink(path);
	err = igt_make_results(NULL, t->m->igt_root, t->igt, d);
	if (err && igt_folder_set_comms_aside(t->igt))
		err = igt_make_results(NULL, t->m->igt_root, t->igt, d);
	return err ? err : results_load(path, ret_document, d);
}

/* Why results cannot be read may lie deeper than the file that was cut off. */
static bool disk_is_full(const char *dir)
{
	struct statvfs fs;

	return !statvfs(dir, &fs) && fs.f_bavail * fs.f_frsize < ROOM_MIN;
}

static void collect(struct turn *t)
{
	struct diag d = { .text = "" };
	json_t *document;

	if (!igt_folder_last(t->igt, t->last, sizeof(t->last)))
		return; /* no test was started: nothing to read */
	if (load_results(t, &document, &d)) {
		if (disk_is_full(t->dir))
			session_fail(t->s, "%s: no space left for results", t->s->dir);
		session_fail(t->s, "%s", d.text);
		return;
	}
	results_merge(t->s->root, document, t->number, t->resumed);
	json_decref(document);
}

/* The test that ran when the VM died: the last one started, if it has no result of its own. */
static void find_running(struct turn *t)
{
	const json_t *test = json_object_get(results_tests(t->s->root), t->last);

	if (t->resumed && !strcmp(t->last, t->inherited))
		return; /* nothing was started in this VM */
	if (t->last[0] &&
	    (!test || verdict_of(test) == VERDICT_INCOMPLETE || verdict_of(test) == VERDICT_NOTRUN))
		strcpy(t->running, t->last);
}

/* A splat is charged to the test that ran, or to none: never to the next one. */
static void charge(struct turn *t, const struct ending *ending)
{
	const char *splat = ending->defect ? t->outcome.excerpt : NULL;
	char name[PLAN_NAME_MAX];

	find_running(t);
	if (t->running[0]) {
		results_annotate(t->s->root, t->running, "incomplete", ending->reason, splat,
				 t->number);
		if (!ending->defect)
			results_cut_off(t->s->root, t->running);
	} else if (ending->defect) {
		snprintf(name, sizeof(name), "igt@gemrace@vm-%d", t->number);
		results_annotate(t->s->root, name, "incomplete", ending->between, splat, t->number);
	}
}

static void tell_story(struct turn *t, const struct ending *ending, int ran)
{
	const char *test = t->running[0] ? t->running + strlen("igt@") : NULL;
	json_t *info = results_info(t->s->root), *vms = json_object_get(info, "vms");
	json_t *story;

	story = t->outcome.end == VM_END_OK ? json_sprintf("%d tests, ended in order", ran)
		: test ? json_sprintf("%d tests, %s in %s", ran, ending->word, test)
		       : json_sprintf("%d tests, %s", ran, ending->between);
	if (!vms) {
		vms = json_array();
		json_object_set_new(info, "vms", vms);
	}
	json_array_append_new(vms,
			      json_pack("{s:s, s:o, s:i, s:f, s:f, s:s?}", "end", ending->word,
					"story", story, "tests", ran, "ready_s", t->outcome.ready_s,
					"total_s", t->outcome.total_s, "running", test));
}

/* How many planned tests have a result. */
static int count_run(const struct session *s)
{
	char name[PLAN_NAME_MAX];
	int n = 0;

	for (size_t i = 0; i < s->plan.count; i++) {
		plan_name(&s->plan.tests[i], name);
		n += results_has_run(s->root, name);
	}
	return n;
}

/* The last line of the console's excerpt, for people. */
static const char *last_line(const char *text, char *buf, size_t size)
{
	const char *end = text ? text + strlen(text) : NULL, *start;

	while (end && end > text && end[-1] == '\n')
		end--;
	for (start = end; start && start > text && start[-1] != '\n';)
		start--;
	snprintf(buf, size, "%s%.*s", text ? ": " : "", text ? (int)(end - start) : 0,
		 text ? start : "");
	return buf;
}

/* Whether another VM makes sense; if not and work is left, says why. */
static bool go_on(struct turn *t, const struct ending *ending, int before, int after)
{
	struct session *s = t->s;
	char buf[300];

	if (t->outcome.end == VM_END_BOOT_FAILED && t->outcome.guest_error) {
		session_fail(s, "VM %d: the guest gave up: %s", t->number, t->outcome.guest_error);
		return false;
	}
	if (!ending->go_on) {
		session_fail(s, "VM %d: %s%s", t->number, ending->between,
			     t->outcome.end == VM_END_BOOT_FAILED
				     ? last_line(t->outcome.excerpt, buf, sizeof(buf))
				     : "");
		return false;
	}
	if (after == (int)s->plan.count)
		return false;
	if (after == before) {
		session_fail(s, "VM %d got no test done (its folder: %s)", t->number, t->dir);
		return false;
	}
	if (t->number == TURNS_MAX) {
		session_fail(s, "%d VMs used up, %d of %zu tests have not run", TURNS_MAX,
			     (int)s->plan.count - after, s->plan.count);
		return false;
	}
	return true;
}

/* One VM from its folder to what it leaves behind. 1: another one is to follow. */
static int run_turn(struct turn *t, const struct turn *last, struct diag *d)
{
	int before = count_run(t->s), after, err;
	const struct ending *ending;
	bool more;

	err = prepare(t, last, d);
	err = err ? err : boot(t, d);
	if (err)
		return err;
	ending = &endings[t->outcome.end];
	progress_lost(&t->s->progress, t->outcome.end == VM_END_OK ? "incomplete" : ending->word);
	collect(t);
	if (t->outcome.end != VM_END_OK)
		charge(t, ending);
	after = count_run(t->s);
	tell_story(t, ending, after - before);
	if (t->outcome.end != VM_END_OK)
		progress_note(&t->s->progress, "VM %d: %s", t->number,
			      t->running[0] ? ending->reason : ending->between);
	more = go_on(t, ending, before, after);
	return more;
}

int turns_run(struct session *s, const struct machine *machine, struct diag *d)
{
	struct turn turn, last = { .outcome = { .end = VM_END_OK } };
	int more = 1;

	for (int number = 1; more > 0; number++) {
		turn = (struct turn){
			.s = s,
			.m = machine,
			.number = number,
			/* igt_resume 2.5 runs again what ended a run in order: not after an abort */
			.resumed = last.outcome.end != VM_END_OK && last.running[0],
		};
		strcpy(turn.inherited, last.running);
		more = run_turn(&turn, &last, d);
		vm_outcome_finish(&turn.outcome);
		last = turn;
	}
	if (more < 0 && json_object_size(results_tests(s->root))) {
		session_fail(s, "%s", d->text);
		more = 0; /* what the earlier VMs found out is reported all the same */
	}
	return more;
}
