// SPDX-License-Identifier: MIT
/* gemrace prove: puts known kernel bugs back, one at a time, and sees which tests notice. */
#include "build/module.h"
#include "cmd/cmd.h"
#include "diag.h"
#include "exec/cancel.h"
#include "fetch/file.h"
#include "plan/cache.h"
#include "plan/places.h"
#include "prove/boot.h"
#include "prove/mutant.h"
#include "prove/prepare.h"
#include "prove/proof.h"
#include "results/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct prove {
	const struct options *options;
	struct cancel cancel;
	bool cancellable;
	char *cache, *mutants_dir, *dir;
	struct kernel kernel;
	struct kernel_version version;
	struct mutants mutants;
	struct module_tree tree;
	struct proof *controls; /* stock, one for each set of devices */
	char **control_devices; /* joined */
	size_t control_count;
	struct proof *proofs;
	size_t proof_count;
};

static void note(void *data, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

/* Whether the comma-separated @list has @id. */
static bool is_named(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL) {
		if (!strncmp(list, id, n) && (!list[n] || list[n] == ','))
			return true;
	}
	return false;
}

static int check_only(const struct prove *p, struct diag *d)
{
	const char *s = p->options->only;

	while (s && *s) {
		_cleanup_free_ char *id = strndup(s, strcspn(s, ","));
		bool found = false;

		for (size_t i = 0; id && i < p->mutants.count; i++)
			found = found || !strcmp(p->mutants.at[i].id, id);
		if (!found)
			return diag_set(d, GEMRACE_USAGE, ENOENT, "--only: no mutant '%s' in %s",
					id ? id : s, p->mutants_dir);
		s += strcspn(s, ",");
		s += *s == ',';
	}
	return 0;
}

/* Why @m is not for this run; NULL when it is. */
static const char *why_not(const struct prove *p, const struct mutant *m)
{
	if (p->options->only && !is_named(p->options->only, m->id))
		return "not asked for";
	if (!kernel_range_has(&m->kernels, p->version))
		return "not for this kernel";
	if (!strcmp(m->module, "vmlinux"))
		return "built into the kernel: needs a whole kernel build";
	return NULL;
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
	if (!err)
		err = check_only(p, d);
	if (!err)
		err = kernel_resolve(&(struct kernel_request){ .spec = o->kernel,
							       .cache = p->cache,
							       .notifier = notifier },
				     &p->kernel, d);
	if (!err && kernel_version_parse(p->kernel.release, &p->version, &rest))
		err = diag_set(d, GEMRACE_USAGE, EINVAL, "kernel release '%s' has no version",
			       p->kernel.release);
	if (!err)
		err = module_tree_open(&(struct module_tree_request){ .release = p->kernel.release,
								      .cache = p->cache,
								      .cancel_fd = p->cancel.fd,
								      .notifier = notifier },
				       &p->tree, d);
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

/* Boots options->boots times and adds what was seen. */
static int boot_all(struct prove *p, struct proof *proof, const char *id, char *const *devices,
		    const char *modules, char *const *tests, const struct proof *control,
		    struct diag *d)
{
	int boots = p->options->boots ? p->options->boots : 1;

	for (int i = 0; i < boots; i++) {
		_cleanup_free_ char *dir = text_printf("%s/%s-%d", p->dir, id, i + 1);
		struct boot boot = { .options = p->options,
				     .devices = devices,
				     .modules = modules,
				     .tests = tests,
				     .dir = dir,
				     .cancel_fd = p->cancel.fd };
		json_t *results;
		int err = dir ? boot_run(&boot, &results, d) : no_memory(d);

		if (err)
			return err;
		err = proof_add_results(proof, results, control, i);
		json_decref(results);
		if (err)
			return no_memory(d);
	}
	proof_settle(proof);
	return 0;
}

static char *join(char *const *words)
{
	char *text = strdup("");

	for (; text && *words; words++) {
		char *longer = text_printf("%s%s%s", text, *text ? "," : "", *words);

		free(text);
		text = longer;
	}
	return text;
}

/*
 * The stock kernel on the same devices, over all tests: what fails there proves nothing. Returns
 * NULL with @d filled in when it could not be run.
 */
static const struct proof *control_for(struct prove *p, char *const *devices, struct diag *d)
{
	char *key = join(devices);
	_cleanup_free_ char *id = key ? text_printf("stock-%s", key) : NULL;
	struct proof *proof;

	if (!id) {
		no_memory(d);
		return NULL;
	}
	for (size_t i = 0; i < p->control_count; i++) {
		if (!strcmp(p->control_devices[i], key)) {
			free(key);
			return &p->controls[i];
		}
	}
	/* Each mutant adds one at most, so there is room. */
	proof = &p->controls[p->control_count];
	if (boot_all(p, proof, id, devices, NULL, NULL, NULL, d)) {
		proof_finish(proof);
		free(key);
		return NULL;
	}
	p->control_devices[p->control_count++] = key;
	proof_print(proof, stdout);
	fflush(stdout);
	return proof;
}

/* Fails only when the whole run has to end; what is wrong with one mutant is its status. */
static int prove_one(struct prove *p, const struct mutant *m, struct proof *proof, struct diag *d)
{
	const struct options *o = p->options;
	char *const *tests = o->blind || o->include.count ? NULL : m->caught_by;
	enum proof_status bad = PROOF_BAD;
	_cleanup_free_ char *overlay = NULL;
	const struct proof *control;
	const double start_s = now_s();
	int err;

	proof->mutant = m;
	err = mutant_build(&p->tree, m, &overlay, d);
	proof->build_s = now_s() - start_s;
	if (!err && o->build_only) {
		proof->status = PROOF_BUILT;
		return 0;
	}
	if (!err) {
		control = control_for(p, m->devices, d);
		if (!control)
			return -EIO;
		/* The stock kernel ran, so what vm does not take now are the tests' names. */
		bad = PROOF_INCONCLUSIVE;
		err = boot_all(p, proof, m->id, m->devices, overlay, tests, control, d);
	}
	if (err == -EINTR)
		return err;
	if (err) {
		proof->status = d->status == GEMRACE_USAGE ? bad : PROOF_FAILED;
		free(proof->why);
		proof->why = strdup(d->text);
	}
	return 0;
}

static int prove_all(struct prove *p, struct diag *d)
{
	p->controls = calloc(p->mutants.count, sizeof(*p->controls));
	p->control_devices = calloc(p->mutants.count, sizeof(*p->control_devices));
	p->proofs = calloc(p->mutants.count, sizeof(*p->proofs));
	if (!p->controls || !p->control_devices || !p->proofs)
		return no_memory(d);
	printf("kernel %s (%s)\n\n", p->kernel.release, p->kernel.origin);
	for (size_t i = 0; i < p->mutants.count; i++) {
		const struct mutant *m = &p->mutants.at[i];
		struct proof *proof = &p->proofs[p->proof_count];
		int err;

		if (why_not(p, m))
			continue;
		err = prove_one(p, m, proof, d);
		if (err)
			return err;
		p->proof_count++;
		proof_print(proof, stdout);
		fflush(stdout);
	}
	if (!p->proof_count)
		return diag_set(d, GEMRACE_USAGE, ENOENT, "no mutant in %s is for %s",
				p->mutants_dir, p->kernel.release);
	return 0;
}

static int write_json(const struct prove *p, struct diag *d)
{
	json_t *records = json_array(), *controls = json_array(), *root;
	int bad;

	for (size_t i = 0; i < p->proof_count; i++)
		json_array_append_new(records, proof_json(&p->proofs[i]));
	for (size_t i = 0; i < p->control_count; i++)
		json_array_append_new(controls, proof_json(&p->controls[i]));
	root = json_pack("{s:s, s:s, s:o, s:o}", "kernel", p->kernel.release, "origin",
			 p->kernel.origin, "controls", controls, "mutants", records);
	bad = !root || json_dump_file(root, p->options->json_file, JSON_INDENT(1));
	json_decref(root);
	return bad ? diag_set(d, GEMRACE_HARNESS, EIO, "cannot write %s", p->options->json_file)
		   : 0;
}

/* Survivors first: they are what the reader can do something about. */
static int conclude(const struct prove *p)
{
	static const enum proof_status order[] = {
		PROOF_SURVIVED, PROOF_INCONCLUSIVE, PROOF_BAD,
		PROOF_FAILED,   PROOF_KILLED,       PROOF_BUILT
	};
	size_t counts[PROOF_FAILED + 1] = { 0 }, missed = 0, dirty = 0, unsettled = 0;

	for (size_t i = 0; i < p->proof_count; i++) {
		const struct proof *proof = &p->proofs[i];
		bool repair = proof->mutant->kind == MUTANT_REPAIR;

		counts[proof->status]++;
		missed += proof->status == (repair ? PROOF_KILLED : PROOF_SURVIVED);
	}
	for (size_t i = 0; i < p->control_count; i++) {
		dirty += p->controls[i].status == PROOF_KILLED;
		unsettled += p->controls[i].status != PROOF_KILLED &&
			     p->controls[i].status != PROOF_SURVIVED;
	}
	putchar('\n');
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (counts[order[i]])
			printf("%zu %s, ", counts[order[i]], proof_status_word(order[i]));
	}
	printf("%zu mutants; the stock kernel %s\n", p->proof_count,
	       p->options->build_only ? "was not booted"
	       : dirty                ? "FAILED TESTS"
	       : unsettled            ? "did not run every test"
				      : "was clean");
	if (counts[PROOF_BAD])
		return GEMRACE_USAGE;
	if (counts[PROOF_FAILED])
		return GEMRACE_HARNESS;
	if (missed || dirty)
		return GEMRACE_DEFECT;
	return counts[PROOF_INCONCLUSIVE] || unsettled ? GEMRACE_INCONCLUSIVE : GEMRACE_OK;
}

static void close_all(struct prove *p)
{
	for (size_t i = 0; i < p->proof_count; i++)
		proof_finish(&p->proofs[i]);
	for (size_t i = 0; i < p->control_count; i++) {
		proof_finish(&p->controls[i]);
		free(p->control_devices[i]);
	}
	free(p->proofs);
	free(p->controls);
	free(p->control_devices);
	module_tree_close(&p->tree);
	mutants_finish(&p->mutants);
	kernel_finish(&p->kernel);
	free(p->dir);
	free(p->mutants_dir);
	free(p->cache);
	if (p->cancellable)
		cancel_close(&p->cancel);
}

int cmd_prove(const struct options *options, struct diag *d)
{
	struct prove p = { .options = options };
	int err;

	err = open_all(&p, d);
	if (!err)
		err = prepare_dir(&p, d);
	if (!err)
		err = prove_all(&p, d);
	if (options->json_file && p.proof_count) {
		struct diag why;
		int bad = write_json(&p, &why);

		if (bad && !err) {
			*d = why;
			err = bad;
		}
	}
	if (!err)
		err = conclude(&p);
	close_all(&p);
	return err;
}
