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
	if (t->after == t->before && !turn_may_boot_again(t)) {
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
			/*
			 * igt_resume 2.5 runs again what ended a run in order: not after an abort
			 */
			.resumed = last->running[0] && last->outcome.end != VM_END_OK,
			.again = last->s && turn_may_boot_again(last),
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

/* VMs that run at once, each for one destructive test. */
struct pool {
	struct turns *turns;
	struct turn **turn; /* room for as many as --jobs says */
	size_t jobs;        /* how many at once */
	size_t count, next; /* next: where in the plan to look for the next test */
	bool allowed;       /* to start another */
	int err;            /* of the first that failed */
	struct diag *d;
};

static const struct planned_test *next_destructive(struct pool *p)
{
	const struct plan *plan = &p->turns->s->plan;

	while (p->next < plan->count) {
		const struct planned_test *test = &plan->tests[p->next++];

		if (test->destructive)
			return test;
	}
	return NULL;
}

static void note_error(struct pool *p, int err, const struct diag *d)
{
	if (!err || p->err)
		return;
	p->err = err;
	*p->d = *d;
}

static void remove_turn(struct pool *p, size_t i)
{
	turn_finish(p->turn[i]);
	free(p->turn[i]);
	p->turn[i] = p->turn[--p->count];
}

static void add_turn(struct pool *p, const struct planned_test *test, bool again)
{
	struct turn *t = calloc(1, sizeof(*t));
	struct diag d;
	int err;

	if (!t) {
		note_error(p, diag_set(&d, GEMRACE_HARNESS, ENOMEM, "out of memory"), &d);
		return;
	}
	t->s = p->turns->s;
	t->m = p->turns->m;
	t->number = ++p->turns->count;
	t->one = test;
	t->again = again;
	p->turn[p->count++] = t;
	err = turn_start(t, NULL, p->jobs > 1, &d);
	note_error(p, err, &d);
	if (err)
		remove_turn(p, p->count - 1);
}

static void collect_turn(struct pool *p, size_t i)
{
	struct turn *t = p->turn[i];
	const struct planned_test *again = NULL;
	struct diag d;
	int err = turn_collect(t, &d);

	note_error(p, err, &d);
	if (!err && !turn_allows_another(t))
		p->allowed = false;
	if (!err && p->allowed && turn_may_boot_again(t))
		again = t->one;
	remove_turn(p, i);
	if (again)
		add_turn(p, again, true);
}

static void wait_for_any(struct pool *p, struct vm **vms)
{
	for (size_t i = 0; i < p->count; i++)
		vms[i] = p->turn[i]->vm;
	vm_wait(vms, p->count);
	for (size_t i = p->count; i > 0; i--) {
		if (vm_is_over(vms[i - 1]))
			collect_turn(p, i - 1);
	}
}

/* Each destructive test in a VM of its own: what one of them does to the kernel is its own. */
static int run_alone(struct turns *turns, struct diag *d)
{
	struct pool p = {
		.turns = turns, .jobs = turns->s->options->jobs, .allowed = true, .d = d
	};
	struct vm **vms = calloc(p.jobs, sizeof(*vms));
	const struct planned_test *test;

	p.turn = calloc(p.jobs, sizeof(*p.turn));
	if (!p.turn || !vms)
		p.err = diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	do {
		while (!p.err && p.allowed && p.count < p.jobs && (test = next_destructive(&p)))
			add_turn(&p, test, false);
		if (p.count)
			wait_for_any(&p, vms);
	} while (p.count || (!p.err && p.allowed && p.next < turns->s->plan.count));
	free(p.turn);
	free(vms);
	return p.err;
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
