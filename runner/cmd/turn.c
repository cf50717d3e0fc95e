// SPDX-License-Identifier: MIT
#include "cmd/turn.h"

#include "diag.h"
#include "exec/process.h"
#include "results/document.h"
#include "results/folder.h"
#include "results/merge.h"
#include "results/name.h"
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

/* What a VM's end means for the test that ran and for the run. */
static const struct ending {
	const char *word;    /* for the progress line */
	const char *reason;  /* of the test that ran */
	const char *between; /* the same when none ran */
	const char *after;   /* the same when the one that was alone in the VM had ended */
	bool defect;         /* the kernel's doing; else the test was merely cut off */
	bool go_on;
} endings[] = {
	[VM_END_OK] = { "ok", NULL, NULL, NULL, false, true },
	[VM_END_PANIC] = { "panic", "the kernel went down while it ran",
			   "the kernel went down between two tests",
			   "the kernel went down after it, with nothing else run in the VM", true,
			   true },
	[VM_END_HANG] = { "hang", "the machine stopped answering while it ran",
			  "the machine stopped answering between two tests",
			  "the machine stopped answering after it, with nothing else run in the VM",
			  true, true },
	[VM_END_DIED] = { "died", "the machine was gone all at once while it ran",
			  "the machine was gone all at once between two tests",
			  "the machine was gone after it, with nothing else run in the VM", true,
			  true },
	[VM_END_TIMEOUT] = { "cut off", "cut off: the VM's time was up", "the VM's time was up",
			     NULL, false, false },
	[VM_END_BOOT_FAILED] = { "no boot", NULL, "the guest did not come up", NULL, false, false },
	[VM_END_INTERRUPTED] = { "cut off", "cut off: interrupted", "interrupted", NULL, false,
				 false },
};

struct vm_config machine_config(const struct session *s, const struct machine *m)
{
	const struct options *o = s->options;

	return (struct vm_config){
		.kernel = m->kernel,
		.image = m->image,
		.accel = o->accel,
		.cpus = o->cpus,
		.memory_mib = o->memory_mib,
		.append = o->append,
		.devices = m->devices,
		.cache = m->cache,
		.cancel_fd = s->cancel.fd,
	};
}

/* A destructive test has a VM of its own, the others share one as long as it lives. */
static bool is_for_another(const void *data, const struct planned_test *test, const char *name)
{
	const struct turn *t = data;

	if (t->one)
		return test != t->one;
	return test->destructive || results_has_run(t->s->root, name);
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

/*
 * The folder, and in it the list of what remains or the folder igt_resume goes on in. Returns how
 * many tests that are.
 */
static int prepare(struct turn *t, const struct turn *last, struct diag *d)
{
	static const char *const stale[] = { "results.json", "aborted.txt", "endtime.txt" };
	char path[PATH_MAX];
	int n, bad;

	if (t->one)
		plan_name(t->one, t->name);
	snprintf(t->dir, sizeof(t->dir), "%s/vm-%d", t->s->dir, t->number);
	snprintf(t->igt, sizeof(t->igt), "%s/igt", t->dir);
	if (mkdir(t->dir, 0777))
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", t->dir, strerror(errno));

	snprintf(path, sizeof(path), "%s/test-list.txt", t->dir);
	n = plan_write(&t->s->plan, path, is_for_another, t);
	if (n < 0)
		return diag_set(d, GEMRACE_HARNESS, -n, "%s: %s", path, strerror(-n));

	if (!t->resumed)
		return n;
	bad = copy_folder(last->igt, t->igt);
	if (bad)
		return diag_set(d, GEMRACE_HARNESS, -bad, "%s: cannot copy: %s", last->igt,
				strerror(-bad));
	/* An abort that was written down on the way to the death would be told a second time. */
	for (size_t i = 0; i < sizeof(stale) / sizeof(*stale); i++) {
		snprintf(path, sizeof(path), "%s/%s", t->igt, stale[i]);
		unlink(path);
	}
	return n;
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
	if (t->number != t->s->teller)
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

/* The one before it, which went down while it booted, may have told some of this. */
static void become_teller(struct turn *t)
{
	json_t *info = results_info(t->s->root);

	t->s->teller = t->number;
	json_object_del(info, "devices");
	json_object_del(info, "detectors");
}

static void on_event(void *data, const struct vm_event *event)
{
	struct turn *t = data;
	struct progress *p = t->progress;

	switch (event->kind) {
	case VM_EVENT_FACT:
		take_fact(t, event->name, event->value);
		break;
	case VM_EVENT_READY:
		/* one more for each destructive test would drown what matters */
		if (!t->one || t->s->options->verbose)
			progress_note(p, "VM %d up after %.1f s", t->number, event->at_s);
		break;
	case VM_EVENT_OUTPUT:
		if (t->s->options->verbose)
			progress_note(p, "%s", event->value);
		progress_line(p, event->value);
		break;
	case VM_EVENT_SUBTEST_RESULT:
		progress_result(p, event->value); /* its line too, until the next test at least */
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
		progress_note(t->progress, "console: %s", line);
}

static int boot(struct turn *t, int tests, struct diag *d)
{
	static const char list[] = SHARE "/test-list.txt", igt[] = SHARE "/igt";
	const struct options *o = t->s->options;
	int err;

	/* With one test there is none that a tainted kernel could be held against. */
	err = t->resumed ? igt_command_resume("igt_resume", igt, &t->command)
			 : igt_command_run(&t->s->settings, "igt_runner",
					   t->one ? IGT_SYNC : IGT_SYNC | IGT_STOP_ON_TAINT,
					   t->m->test_timeout_s, list, t->m->tests_dir, igt,
					   &t->command);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "out of memory");
	snprintf(t->console, sizeof(t->console), "%s/console.log", t->dir);
	/* All that is left then is results.json: minutes for the guest, no time at all for us. */
	snprintf(t->done, sizeof(t->done), "%s/endtime.txt", t->igt);
	t->config = machine_config(t->s, t->m);
	t->config.stall_ends = t->one;
	t->config.share = t->dir;
	t->config.console = t->console;
	t->config.argv = (const char *const *)t->command.argv;
	t->config.done = t->done;
	t->config.timeout_s = o->timeout_s ? o->timeout_s
					   : BOOT_MAX_S + tests * t->m->test_timeout_s;
	t->config.inactivity_s = t->m->test_timeout_s + SILENCE_MORE_S;
	t->observer = (struct vm_observer){ .event = on_event, .console = on_console, .data = t };
	return vm_start(&t->config, &t->observer, &t->vm, d);
}

/*
 * igt_runner's results.json, made now: the VM's end seldom waits for one, or for the whole of it.
 */
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

static void take_results(struct turn *t)
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

/* A splat is charged to the test that ran or was alone, or to none: never to the next one. */
static void charge(struct turn *t, const struct ending *ending)
{
	const char *splat = ending->defect ? t->outcome.excerpt : NULL;
	char name[PLAN_NAME_MAX];

	if (turn_may_boot_again(t))
		return; /* told in the VM's story */
	find_running(t);
	if (t->running[0]) {
		results_annotate(t->s->root, t->running, "incomplete", ending->reason, splat,
				 t->number);
		if (!ending->defect)
			results_cut_off(t->s->root, t->running);
	} else if (ending->after && t->one && t->after) {
		results_annotate(t->s->root, t->name, "incomplete", ending->after, splat,
				 t->number);
	} else if (ending->defect) {
		snprintf(name, sizeof(name), "igt@gemrace@vm-%d", t->number);
		results_annotate(t->s->root, name, "incomplete", ending->between, splat, t->number);
	}
}

/* The last line of the console's excerpt, for people. */
static const char *last_line(const char *text, char *buf, size_t size)
{
	const char *end, *start;

	if (text && !*text)
		text = NULL;
	end = text ? text + strlen(text) : NULL;

	while (end && end > text && end[-1] == '\n')
		end--;
	for (start = end; start && start > text && start[-1] != '\n';)
		start--;
	snprintf(buf, size, "%s%.*s", text ? ": " : "", text ? (int)(end - start) : 0,
		 text ? start : "");
	return buf;
}

/* Of a VM that is to boot again. */
static const char *boot_story(const struct turn *t)
{
	return t->outcome.end == VM_END_PANIC ? "went down while it booted"
					      : "stopped while it booted";
}

static void tell_story(struct turn *t, const struct ending *ending)
{
	const char *test = t->running[0] ? test_short_name(t->running) : NULL;
	json_t *info = results_info(t->s->root), *vms = json_object_get(info, "vms");
	int ran = t->after - t->before;
	json_t *story, *vm;
	char line[300];

	story = t->outcome.end == VM_END_OK ? json_sprintf("%d tests, ended in order", ran)
		: test ? json_sprintf("%d tests, %s in %s", ran, ending->word, test)
		: turn_may_boot_again(t)
			? json_sprintf("%s%s", boot_story(t),
				       last_line(t->outcome.excerpt, line, sizeof(line)))
		: t->one && t->after ? json_sprintf("%d tests, %s after %s", ran, ending->word,
						    test_short_name(t->name))
				     : json_sprintf("%d tests, %s", ran, ending->between);
	if (!vms) {
		vms = json_array();
		json_object_set_new(info, "vms", vms);
	}
	vm = json_pack("{s:i, s:s, s:o, s:i, s:f, s:f, s:s?}", "vm", t->number, "end", ending->word,
		       "story", story, "tests", ran, "ready_s", t->outcome.ready_s, "total_s",
		       t->outcome.total_s, "running", test);
	if (t->one)
		json_object_set_new(vm, "alone", json_string(test_short_name(t->name)));
	json_array_append_new(vms, vm);
}

/* How many of the tests that this VM is for have a result. */
static int count_run(const struct turn *t)
{
	const struct plan *plan = &t->s->plan;
	char name[PLAN_NAME_MAX];
	int n = 0;

	if (t->one)
		return results_has_run(t->s->root, t->name);
	for (size_t i = 0; i < plan->count; i++) {
		plan_name(&plan->tests[i], name);
		n += !plan->tests[i].destructive && results_has_run(t->s->root, name);
	}
	return n;
}

int turn_start(struct turn *t, const struct turn *last, bool beside, struct diag *d)
{
	int tests = prepare(t, last, d);

	t->progress = &t->s->progress;
	if (beside) {
		progress_init_beside(&t->own, t->progress);
		t->progress = &t->own;
	}
	t->before = count_run(t);
	if (!t->s->teller)
		become_teller(t);
	return tests < 0 ? tests : boot(t, tests, d);
}

/* It went down, or stopped without a cry and without the guest's saying why. */
static bool fell_booting(const struct vm_outcome *outcome)
{
	bool stopped = outcome->end == VM_END_BOOT_FAILED && !outcome->guest_error &&
		       outcome->excerpt && *outcome->excerpt;

	return outcome->ready_s < 0 && (outcome->end == VM_END_PANIC || stopped);
}

int turn_collect(struct turn *t, struct diag *d)
{
	const struct ending *ending;
	const char *problem;
	char buf[96];
	int err;

	err = vm_finish(t->vm, &t->outcome, d);
	t->vm = NULL;
	if (err)
		return err;
	t->fell_booting = fell_booting(&t->outcome);
	if (turn_may_boot_again(t) && t->number == t->s->teller)
		t->s->teller = 0;
	ending = &endings[t->outcome.end];
	problem = t->outcome.end == VM_END_OK
			  ? igt_status_problem(t->outcome.exit_status, buf, sizeof(buf))
			  : NULL;
	if (problem)
		session_fail(t->s, "VM %d: %s", t->number, problem);
	progress_lost(t->progress, t->outcome.end == VM_END_OK ? "incomplete" : ending->word);
	take_results(t);
	t->after = count_run(t);
	if (t->outcome.end != VM_END_OK)
		charge(t, ending);
	t->after = count_run(t);
	tell_story(t, ending);
	if (t->outcome.end != VM_END_OK)
		progress_note(t->progress, "VM %d: %s%s", t->number,
			      turn_may_boot_again(t) ? "the kernel " : "",
			      turn_may_boot_again(t)                ? boot_story(t)
			      : t->running[0]                       ? ending->reason
			      : t->one && t->after && ending->after ? ending->after
								    : ending->between);
	return 0;
}

bool turn_may_boot_again(const struct turn *t)
{
	return !t->again && t->fell_booting;
}

bool turn_allows_another(const struct turn *t)
{
	const struct ending *ending = &endings[t->outcome.end];
	struct session *s = t->s;
	char buf[300];

	if (turn_may_boot_again(t))
		return true;
	if (t->outcome.end == VM_END_BOOT_FAILED && t->outcome.guest_error) {
		session_fail(s, "VM %d: the guest gave up: %s", t->number, t->outcome.guest_error);
		return false;
	}
	if (!ending->go_on) {
		session_fail(s, "VM %d: %s%s", t->number, ending->between,
			     t->outcome.end == VM_END_BOOT_FAILED
				     ? last_line(t->outcome.excerpt, buf, sizeof(buf))
				     : "");
		/* the time of one destructive test is not that of the next */
		return t->one && t->outcome.end == VM_END_TIMEOUT;
	}
	if (t->one && t->after == t->before)
		session_fail(s, "VM %d got no test done (its folder: %s)", t->number, t->dir);
	return true;
}

void turn_finish(struct turn *t)
{
	struct diag ignored;

	if (t->vm)
		vm_finish(t->vm, &t->outcome, &ignored);
	t->vm = NULL;
	vm_outcome_finish(&t->outcome);
	igt_command_finish(&t->command);
}
