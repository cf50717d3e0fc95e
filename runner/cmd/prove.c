// SPDX-License-Identifier: MIT
/* gemrace prove: puts known kernel bugs back, one at a time, and sees which tests notice. */
#include "build/module.h"
#include "clock.h"
#include "cmd/cmd.h"
#include "diag.h"
#include "exec/cancel.h"
#include "fetch/file.h"
#include "plan/cache.h"
#include "plan/places.h"
#include "prove/ahead.h"
#include "prove/choice.h"
#include "prove/mutant.h"
#include "prove/peer.h"
#include "prove/prepare.h"
#include "prove/record.h"
#include "prove/report.h"
#include "prove/trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The suites that are put to the test: ours, and with --igt the peer. */
enum { OURS, PEER, TRIAL_COUNT };

struct prove {
	const struct options *options;
	struct cancel cancel;
	bool cancellable;
	char *cache, *mutants_dir, *dir, *peer_dir;
	struct kernel kernel;
	struct choice choice, peer_choice; /* of those, what the peer is put before, too */
	struct mutants mutants;
	struct module_tree tree;
	struct ahead ahead;
	struct trial trials[TRIAL_COUNT];
	size_t trial_count;
	struct proof *proofs[TRIAL_COUNT]; /* of each trial, in step */
	double *build_s;
	bool waited;
	size_t proof_count;
};

static void note(void *data, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* Mostly the one who builds ahead is waited for: once is enough. */
static void note_wait(void *data, const char *line)
{
	struct prove *p = data;

	if (!p->waited)
		note(NULL, line);
	p->waited = true;
}

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

static int open_all(struct prove *p, struct diag *d)
{
	const struct options *o = p->options;
	const struct notifier notifier = { .note = note, .cancel = &p->cancel };
	const char *rest;
	int err;

	err = cancel_open(&p->cancel);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "signals: %s", strerror(-err));
	p->cancellable = true;
	err = cache_find(&p->cache, d);
	if (!err && !o->mutants)
		err = places_find_mutants(&p->mutants_dir, d);
	else if (!err)
		p->mutants_dir = strdup(o->mutants);
	if (!err)
		err = p->mutants_dir ? mutants_load(p->mutants_dir, &p->mutants, d) : no_memory(d);
	p->choice = (struct choice){ .mutants = &p->mutants,
				     .dir = p->mutants_dir,
				     .only = o->only };
	p->peer_choice = p->choice;
	p->peer_choice.only = o->igt_only;
	if (!err)
		err = choice_check(&p->choice, "--only", d);
	if (!err)
		err = choice_check(&p->peer_choice, "--igt-only", d);
	if (!err)
		err = kernel_resolve(&(struct kernel_request){ .spec = o->kernel,
							       .cache = p->cache,
							       .notifier = notifier },
				     &p->kernel, d);
	if (!err && kernel_version_parse(p->kernel.release, &p->choice.version, &rest))
		err = diag_set(d, GEMRACE_USAGE, EINVAL, "kernel release '%s' has no version",
			       p->kernel.release);
	if (!err)
		err = module_tree_open(&(struct module_tree_request){ .kernel = &p->kernel,
								      .cache = p->cache,
								      .cancel_fd = p->cancel.fd,
								      .notifier = notifier },
				       &p->tree, d);
	p->choice.whole = p->peer_choice.whole = p->tree.output;
	p->peer_choice.version = p->choice.version;
	return err;
}

/* Where VMs leave their results: --results, else a folder that the next run replaces. */
static int prepare_dir(struct prove *p, struct diag *d)
{
	const char *wanted = p->options->results;
	int err;

	p->dir = wanted ? strdup(wanted) : text_printf("%s/prove", p->cache);
	if (!p->dir)
		return no_memory(d);
	err = file_make_folder(p->dir);
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", p->dir, strerror(-err)) : 0;
}

static int open_trials(struct prove *p, struct diag *d)
{
	const struct notifier notifier = { .note = note, .cancel = &p->cancel };
	_cleanup_free_ char *preload = NULL;
	const struct options *o = p->options;
	int err = 0;

	p->trial_count = o->igt ? TRIAL_COUNT : 1;
	if (o->igt)
		err = places_find_peer(&preload, d);
	if (!err && o->igt)
		err = peer_prepare(p->cache, preload, &notifier, &p->peer_dir, d);
	for (size_t i = 0; i < p->trial_count; i++)
		p->trials[i] = (struct trial){
			.name = i == OURS ? "gemrace" : "igt",
			.tests_dir = i == OURS ? NULL : p->peer_dir,
			.options = o,
			.boots = i == PEER && o->igt_boots ? o->igt_boots : o->boots,
			.dir = p->dir,
			.cancel_fd = p->cancel.fd,
		};
	return err;
}

/* In a process of its own: what is built there, prove_one() finds in the cache. */
static void build_ahead(void *data, int cancel_fd)
{
	struct prove *p = data;

	p->tree.cancel_fd = cancel_fd;
	p->tree.notifier.note = NULL;
	for (size_t i = 0; i < p->mutants.count; i++) {
		const struct mutant *m = &p->mutants.at[i];
		struct prepared prepared = { 0 };
		struct diag ignored;

		if (!choice_has(&p->choice, m))
			continue;
		if (mutant_build(&p->tree, m, &prepared, &ignored) == -EINTR)
			return;
		prepared_finish(&prepared);
	}
}

/* What of a suite @m is put before. *@ret_control is the caller's. */
static int choose_tests(struct prove *p, size_t trial, const struct mutant *m,
			struct trial_tests *ret, char ***ret_control, struct diag *d)
{
	const struct options *o = p->options;
	bool repair = m->kind == MUTANT_REPAIR;

	*ret = (struct trial_tests){ 0 };
	*ret_control = NULL;
	if (trial == PEER) {
		ret->mutant = ret->control = peer_tests(m->devices);
		return 0;
	}
	if (o->include.count)
		return 0;
	if (!o->blind || repair)
		ret->mutant = m->caught_by;
	if (o->blind)
		return 0;
	ret->control = *ret_control = choice_tests(&p->choice, m);
	return ret->control ? 0 : no_memory(d);
}

/*
 * Puts one mutant before one suite. What is wrong with it is its status; fails when all has to end.
 */
static int try_one(struct prove *p, size_t trial, const struct prepared *prepared,
		   struct proof *proof, struct diag *d)
{
	_cleanup_free_ char **control = NULL;
	struct trial_tests tests;
	int err;

	err = choose_tests(p, trial, proof->mutant, &tests, &control, d);
	if (!err)
		err = trial_run(&p->trials[trial], prepared, &tests, proof, d);
	if (err == -EINTR)
		return err;
	if (err) {
		/* The image was built, so what vm does not take are the tests' names. */
		proof->status = d->status == GEMRACE_USAGE ? PROOF_INCONCLUSIVE : PROOF_FAILED;
		free(proof->why);
		proof->why = strdup(d->text);
	}
	return 0;
}

static bool is_asked(const struct prove *p, size_t trial, const struct mutant *m)
{
	return trial < p->trial_count && (trial != PEER || choice_has(&p->peer_choice, m));
}

static int prove_one(struct prove *p, const struct mutant *m, size_t at, struct diag *d)
{
	struct prepared prepared = { 0 };
	const double start_s = now_s();
	int err;

	err = mutant_build(&p->tree, m, &prepared, d);
	p->build_s[at] = now_s() - start_s;
	for (size_t i = 0; i < p->trial_count; i++) {
		struct proof *proof = &p->proofs[i][at];

		proof->mutant = m;
		if (err || p->options->build_only) {
			proof->status = !err                         ? PROOF_BUILT
					: d->status == GEMRACE_USAGE ? PROOF_BAD
								     : PROOF_FAILED;
			proof->why = err ? strdup(d->text) : NULL;
		}
	}
	if (err == -EINTR)
		return err;
	for (size_t i = 0; i < p->trial_count && !err && !p->options->build_only; i++)
		err = is_asked(p, i, m) ? try_one(p, i, &prepared, &p->proofs[i][at], d) : 0;
	prepared_finish(&prepared);
	return err == -EINTR ? err : 0;
}

static void print_one(const struct prove *p, size_t at)
{
	for (size_t i = 0; i < p->trial_count; i++) {
		const struct proof *proof = &p->proofs[i][at];
		_cleanup_free_ char *id = text_printf(
			"%s%s", i == OURS ? "" : "  by igt: ", proof->mutant->id);

		if (!is_asked(p, i, proof->mutant))
			continue;
		proof_print(proof, id ? id : proof->mutant->id, stdout);
	}
}

static int prove_all(struct prove *p, struct diag *d)
{
	for (size_t i = 0; i < p->trial_count; i++) {
		p->proofs[i] = calloc(p->mutants.count, sizeof(**p->proofs));
		if (!p->proofs[i])
			return no_memory(d);
	}
	p->build_s = calloc(p->mutants.count, sizeof(*p->build_s));
	if (!p->build_s)
		return no_memory(d);
	p->tree.notifier = (struct notifier){ .note = note_wait, .data = p, .cancel = &p->cancel };
	if (!p->options->build_only && ahead_start(build_ahead, p, &p->ahead))
		note(NULL, "the mutants are built one by one"); /* only slower */
	printf("kernel %s (%s)\n\n", p->kernel.release, p->kernel.origin);
	for (size_t i = 0; i < p->mutants.count; i++) {
		const struct mutant *m = &p->mutants.at[i];
		int err;

		if (!choice_has(&p->choice, m))
			continue;
		err = prove_one(p, m, p->proof_count, d);
		if (err)
			return err;
		print_one(p, p->proof_count++);
	}
	if (!p->proof_count)
		return diag_set(d, GEMRACE_USAGE, ENOENT, "no mutant in %s is for %s",
				p->mutants_dir, p->kernel.release);
	return 0;
}

/* Survivors first: they are what the reader can do something about. */
static int conclude(const struct prove *p)
{
	static const enum proof_status order[] = {
		PROOF_SURVIVED, PROOF_INCONCLUSIVE, PROOF_BAD,
		PROOF_FAILED,   PROOF_KILLED,       PROOF_BUILT
	};
	const struct trial *ours = &p->trials[OURS];
	size_t counts[PROOF_FAILED + 1] = { 0 }, bugs = 0, missed = 0, dirty = 0, unsettled = 0;

	for (size_t i = 0; i < p->proof_count; i++) {
		const struct proof *proof = &p->proofs[OURS][i];

		if (proof_is_of_bug(proof)) {
			bugs++;
			counts[proof->status]++;
			missed += proof->status == PROOF_SURVIVED;
			unsettled += proof->status == PROOF_INCONCLUSIVE;
		}
	}
	/* The kernels that must pass: the stock one and repairs. */
	for (size_t i = 0; i < ours->control_count + p->proof_count; i++) {
		const struct proof *proof = i < ours->control_count
						    ? &ours->controls[i]
						    : &p->proofs[OURS][i - ours->control_count];

		if (proof_is_of_bug(proof))
			continue;
		dirty += proof->status == PROOF_KILLED;
		unsettled += proof->status == PROOF_INCONCLUSIVE;
		counts[PROOF_BAD] += proof->status == PROOF_BAD;
		counts[PROOF_FAILED] += proof->status == PROOF_FAILED;
	}
	putchar('\n');
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (counts[order[i]])
			printf("%zu %s, ", counts[order[i]], proof_status_word(order[i]));
	}
	printf("%zu mutants; %s\n", bugs,
	       p->options->build_only ? "nothing was booted"
	       : dirty                ? "KERNELS THAT MUST PASS FAILED TESTS"
				      : "the kernels that must pass did");
	if (missed || dirty)
		return GEMRACE_DEFECT;
	if (counts[PROOF_BAD])
		return GEMRACE_USAGE;
	if (counts[PROOF_FAILED])
		return GEMRACE_HARNESS;
	return unsettled ? GEMRACE_INCONCLUSIVE : GEMRACE_OK;
}

static void close_all(struct prove *p)
{
	ahead_stop(&p->ahead);
	for (size_t i = 0; i < p->trial_count; i++) {
		for (size_t j = 0; p->proofs[i] && j < p->mutants.count; j++)
			proof_finish(&p->proofs[i][j]);
		free(p->proofs[i]);
		trial_finish(&p->trials[i]);
	}
	free(p->build_s);
	module_tree_close(&p->tree);
	mutants_finish(&p->mutants);
	kernel_finish(&p->kernel);
	free(p->peer_dir);
	free(p->dir);
	free(p->mutants_dir);
	free(p->cache);
	if (p->cancellable)
		cancel_close(&p->cancel);
}

/* One record for machines, as in docs/prove.md; also what a report is written from. */
static json_t *record_of(const struct prove *p)
{
	json_t *records = json_array(), *controls = json_object(), *root;

	for (size_t i = 0; i < p->proof_count; i++)
		json_array_append_new(records,
				      record_mutant(&p->proofs[OURS][i],
						    is_asked(p, PEER, p->proofs[OURS][i].mutant)
							    ? &p->proofs[PEER][i]
							    : NULL,
						    p->build_s[i]));
	for (size_t i = 0; i < p->trial_count; i++) {
		const struct trial *t = &p->trials[i];
		json_t *list = json_array();

		for (size_t j = 0; j < t->control_count; j++)
			json_array_append_new(list, record_control(&t->controls[j]));
		json_object_set_new(controls, t->name, list);
	}
	root = record_run(p->options, &p->kernel, p->trials[OURS].about);
	json_object_set_new(root, "controls", controls);
	json_object_set_new(root, "mutants", records);
	return root;
}

static int write_json(const struct prove *p, const json_t *record, struct diag *d)
{
	_cleanup_free_ char *text = json_dumps(record, JSON_INDENT(1) | JSON_REAL_PRECISION(6));

	return text ? file_write_out(p->options->json_file, text, strlen(text), d) : no_memory(d);
}

/* What was found out is kept also when the run was cut short. */
static int keep(const struct prove *p, struct diag *d)
{
	const struct options *o = p->options;
	json_t *record;
	int err = 0;

	if (!o->json_file && !o->report)
		return 0;
	record = record_of(p);
	if (!record)
		return no_memory(d);
	if (o->json_file)
		err = write_json(p, record, d);
	if (!err && o->report)
		err = report_write(o->report, o->with.at, record, d);
	json_decref(record);
	return err;
}

static int write_page(const struct options *o, struct diag *d)
{
	if (!o->report || !o->with.count)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "--page-only needs --report and --with");
	return report_write(o->report, o->with.at, NULL, d);
}

int cmd_prove(const struct options *options, struct diag *d)
{
	struct prove p = { .options = options, .ahead = { -1 } };
	struct diag why;
	int err;

	if (options->page_only)
		return write_page(options, d);
	err = report_check(options->with.at, d);
	if (!err)
		err = open_all(&p, d);
	if (!err)
		err = prepare_dir(&p, d);
	if (!err)
		err = open_trials(&p, d);
	if (!err)
		err = prove_all(&p, d);
	if (p.proof_count && keep(&p, &why) && !err) {
		*d = why;
		err = -EIO;
	}
	if (!err)
		err = conclude(&p);
	close_all(&p);
	return err;
}
