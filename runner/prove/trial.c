// SPDX-License-Identifier: MIT
#include "prove/trial.h"

#include "diag.h"
#include "fetch/file.h"
#include "options.h"
#include "prove/boot.h"
#include "prove/mutant.h"
#include "prove/prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

/* Boots so many times, and adds what was seen to @proof. */
static int boot_all(struct trial *t, const char *id, struct boot boot, int boots,
		    struct proof *proof, struct diag *d)
{
	boot.options = t->options;
	boot.tests_dir = t->tests_dir;
	boot.cancel_fd = t->cancel_fd;
	for (int i = 0; i < boots; i++) {
		_cleanup_free_ char *dir = text_printf("%s/%s-%s-%d", t->dir, t->name, id, i + 1);
		json_t *results;
		int err;

		boot.dir = dir;
		err = dir ? boot_run(&boot, &results, d) : no_memory(d);
		if (err)
			return err;
		if (!t->about)
			t->about = json_incref(json_object_get(results, "gemrace"));
		err = proof_add_results(proof, results, boot.known, i);
		json_decref(results);
		if (err)
			return no_memory(d);
	}
	proof_settle(proof);
	return 0;
}

static struct proof *find_control(struct trial *t, const char *devices)
{
	for (size_t i = 0; i < t->control_count; i++) {
		if (!strcmp(t->controls[i].devices, devices))
			return &t->controls[i];
	}
	return NULL;
}

static int new_control(struct trial *t, char *const *devices, char *key, char *const *tests,
		       struct proof **ret, struct diag *d)
{
	struct proof *more = reallocarray(t->controls, t->control_count + 1, sizeof(*more));
	_cleanup_free_ char *id = text_printf("stock-%s", key), *line = NULL;
	struct proof control = { .devices = key };
	int err;

	if (more)
		t->controls = more;
	if (!more || !id) {
		free(key);
		return no_memory(d);
	}
	err = boot_all(t, id, (struct boot){ .devices = devices, .tests = tests },
		       t->options->control_boots, &control, d);
	if (err) {
		proof_finish(&control);
		return err;
	}
	more[t->control_count] = control;
	*ret = &more[t->control_count++];
	line = text_printf("%s: stock, %s", t->name, key);
	proof_print(*ret, line ? line : "stock", stdout);
	return 0;
}

static bool has_detector(const struct trial *t, const char *name)
{
	const json_t *word;
	size_t i;

	json_array_foreach(json_object_get(t->about, "detectors"), i, word)
	{
		if (text_starts(json_string_value(word), name))
			return true;
	}
	return false;
}

static int needs_injection(struct proof *proof, struct diag *d)
{
	proof->status = PROOF_INCONCLUSIVE;
	free(proof->why);
	proof->why = strdup("needs a kernel with fault injection");
	return proof->why ? 0 : no_memory(d);
}

int trial_run(struct trial *t, const struct prepared *prepared, const struct trial_tests *tests,
	      struct proof *proof, struct diag *d)
{
	const struct mutant *m = proof->mutant;
	char *devices = text_join((const char *const *)m->devices, ",");
	struct proof *control;
	struct boot boot = {
		.devices = m->devices,
		.modules = prepared->modules,
		.kernel = prepared->kernel,
		.tests = tests->mutant,
		.first_only = true,
	};
	bool unarmed; /* has a bug that only a failing allocation shows, and none can be had */
	int err;

	if (!devices)
		return no_memory(d);
	control = find_control(t, devices);
	if (control)
		free(devices);
	err = control ? 0 : new_control(t, m->devices, devices, tests->control, &control, d);
	if (err)
		return err;
	/* What the stock kernel fails is what a repair is for. */
	boot.known = proof_is_of_bug(proof) ? control : NULL;
	unarmed = m->kind == MUTANT_FAIL && !has_detector(t, "fail-nth");
	if (unarmed && !t->tests_dir && !t->options->blind)
		return needs_injection(proof, d); /* the tests that it names would skip */
	err = boot_all(t, m->id, boot, t->boots, proof, d);
	if (err && d->status == GEMRACE_USAGE && boot.known && boot.known->boots_killed)
		return diag_set(d, GEMRACE_USAGE, ENOENT,
				"the stock kernel fails every test that it names");
	if (!err && unarmed && proof->status != PROOF_KILLED)
		return needs_injection(proof, d);
	return err;
}

void trial_finish(struct trial *t)
{
	for (size_t i = 0; i < t->control_count; i++)
		proof_finish(&t->controls[i]);
	free(t->controls);
	json_decref(t->about);
}
