// SPDX-License-Identifier: MIT
#include "cmd/turns.h"

#include "diag.h"
#include "results/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The VMs of a run, numbered as they are started. */
struct turns {
	struct session *s;
	const struct machine *m;
	int count;
};

/* How many tests share VMs. */
static int count_shared(const struct plan *plan)
{
	int n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += !plan->tests[i].destructive;
	return n;
}

static int run_turn(struct turn *t, const struct turn *last, struct diag *d)
{
	int err = turn_start(t, last, false, d);

	while (!err && !vm_is_over(t->vm))
		vm_wait(&t->vm, 1);
	return err ? err : turn_collect(t, d);
}

/* Whether the tests that share VMs need one more; if one is due and cannot be, says why. */
static bool needs_another(const struct turn *t)
{
	int all = count_shared(&t->s->plan);

	if (t->after == all)
		return false;
	if (t->after == t->before) {
		session_fail(t->s, "VM %d got no test done (its folder: %s)", t->number, t->dir);
		return false;
	}
	if (t->number == TURNS_MAX) {
		session_fail(t->s, "%d VMs used up, %d of %d tests have not run", TURNS_MAX,
			     all - t->after, all);
		return false;
	}
	return true;
}

/* 1: the destructive ones may follow. 0: no VM may, -errno: the last one could not be started. */
static int run_shared(struct turns *turns, struct diag *d)
{
	struct turn *t = calloc(2, sizeof(*t)), *last = t + 1;
	bool more = true, allowed = true;
	int err = 0;

	if (!t)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	while (more && !err) {
		*t = (struct turn){
			.s = turns->s,
			.m = turns->m,
			.number = ++turns->count,
			/* igt_resume 2.5 runs again what ended a run in order: not after an abort */
			.resumed = last->running[0] && last->outcome.end != VM_END_OK,
		};
		strcpy(t->inherited, last->running);
		err = run_turn(t, last, d);
		allowed = !err && turn_allows_another(t);
		more = allowed && needs_another(t);
		turn_finish(t);
		*last = *t;
	}
	free(t);
	return err ? err : allowed;
}

/* Each destructive test in a VM of its own: what one of them does to the kernel is its own. */
static int run_alone(struct turns *turns, struct diag *d)
{
	const struct plan *plan = &turns->s->plan;
	struct turn *t = calloc(1, sizeof(*t));
	bool allowed = true;
	int err = 0;

	if (!t)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (size_t i = 0; i < plan->count && allowed && !err; i++) {
		if (!plan->tests[i].destructive)
			continue;
		*t = (struct turn){
			.s = turns->s,
			.m = turns->m,
			.number = ++turns->count,
			.one = &plan->tests[i],
		};
		err = run_turn(t, NULL, d);
		allowed = !err && turn_allows_another(t);
		turn_finish(t);
	}
	free(t);
	return err;
}

int turns_run(struct session *s, const struct machine *machine, struct diag *d)
{
	struct turns turns = { .s = s, .m = machine };
	int shared = count_shared(&s->plan), ret = 1;

	if (shared)
		ret = run_shared(&turns, d);
	if (ret > 0 && shared < (int)s->plan.count)
		ret = run_alone(&turns, d);
	if (ret < 0 && json_object_size(results_tests(s->root))) {
		session_fail(s, "%s", d->text);
		ret = 0; /* what the earlier VMs found out is reported all the same */
	}
	return ret < 0 ? ret : 0;
}
