// SPDX-License-Identifier: MIT
#include "known/apply.h"

#include "fetch/file.h"
#include "plan/plan.h"
#include "results/document.h"
#include "results/name.h"
#include "results/verdict.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ABORTED  "igt@runner@aborted"
#define BETWEEN  "igt@gemrace@vm-"
#define PREVIOUS "Previous test: "
#define IDS_MAX  512

struct apply {
	const struct known_list *list;
	json_t *root;
	bool versioned; /* the kernel's version is known */
	struct kernel_version kernel;
};

/* A cry between two tests is charged to none of them: it is known by what it looks like alone. */
static bool may_show(const struct apply *a, const struct known_defect *defect, const char *name)
{
	return a->versioned && known_on(defect, a->kernel) &&
	       (text_starts(name, BETWEEN) || known_shown_by(defect, name));
}

static const struct known_defect *explain(const struct apply *a, const char *name,
					  const struct cause *cause)
{
	for (size_t i = 0; i < a->list->count; i++) {
		const struct known_defect *defect = known_at(a->list, i);

		if (may_show(a, defect, name) && known_explains(defect, cause))
			return defect;
	}
	return NULL;
}

/* Whether @ids, "A, B", has @id in it. */
static bool has_id(const char *ids, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = ids; p; p = strchr(p, ',')) {
		p += strspn(p, ", ");
		if (!strncmp(p, id, n) && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

static void add_id(char ids[static IDS_MAX], const char *id)
{
	size_t len = strlen(ids);

	if (!has_id(ids, id))
		snprintf(ids + len, IDS_MAX - len, "%s%s", len ? ", " : "", id);
}

/* Fills in @ids and returns true when everything @causes holds is known. */
static bool all_known(const struct apply *a, const char *name, const struct causes *causes,
		      char ids[static IDS_MAX])
{
	bool died = false;

	for (int sentences = 0; sentences < 2; sentences++) {
		for (size_t i = 0; i < causes->count; i++) {
			const struct cause *cause = &causes->at[i];
			const struct known_defect *defect;

			if (sentences != !cause->fingerprint[0])
				continue;
			defect = explain(a, name, cause);
			if (defect)
				add_id(ids, known_id(defect));
			else if (!sentences || !died)
				return false;
			died |= defect && cause->died;
		}
	}
	return *ids;
}

static void mark_cry(json_t *test, const struct causes *causes)
{
	const struct cause *cry = causes_main_cry(causes);

	if (!cry)
		return;
	json_object_set_new(test, "title", results_string(cry->text));
	json_object_set_new(test, "fingerprint", json_string(cry->fingerprint));
}

static int mark_test(const struct apply *a, const char *name, json_t *test)
{
	char ids[IDS_MAX] = "";
	struct causes causes;
	int err;

	err = causes_of(test, &causes);
	if (!err)
		mark_cry(test, &causes);
	if (!err && verdict_is_defect(verdict_of(test)) && !test_is_cut_off(test) &&
	    all_known(a, name, &causes, ids))
		json_object_set_new(test, "known", json_string(ids));
	causes_finish(&causes);
	return err;
}

/* igt_runner gives up after a taint, and blames nobody: "Previous test: binary (subtest)". */
static void mark_abort(const struct apply *a, json_t *aborted)
{
	const char *out = json_string_value(json_object_get(aborted, "out"));
	const char *line = out ? strstr(out, PREVIOUS) : NULL;
	char binary[256], subtest[256], name[PLAN_NAME_MAX];
	const json_t *culprit;

	if (!line)
		return;
	switch (sscanf(line + strlen(PREVIOUS), "%255s (%255[^)\n])", binary, subtest)) {
	case 2:
		snprintf(name, sizeof(name), "igt@%.200s@%.250s", binary, subtest);
		break;
	case 1:
		snprintf(name, sizeof(name), "igt@%s", binary);
		break;
	default:
		return;
	}
	for (char *p = name; *p; p++)
		*p = tolower((unsigned char)*p);
	culprit = json_object_get(results_tests(a->root), name);
	if (test_known(culprit))
		json_object_set(aborted, "known", json_object_get(culprit, "known"));
}

/* Whether the subtest came far enough to show a defect. */
static bool has_run(const json_t *test)
{
	enum verdict v = verdict_of(test);

	return v != VERDICT_SKIP && v != VERDICT_NOTRUN && !test_is_cut_off(test);
}

static void count(const struct apply *a, const struct known_defect *defect, int *ran, int *shown)
{
	const char *name;
	json_t *test;

	json_object_foreach(results_tests(a->root), name, test)
	{
		const char *ids = test_known(test);

		if (test_is_dynamic(name) || !may_show(a, defect, name))
			continue;
		*ran += !text_starts(name, BETWEEN) && has_run(test);
		*shown += ids && has_id(ids, known_id(defect));
	}
}

static bool is_detected(const struct apply *a, const struct known_defect *defect)
{
	const json_t *info = json_object_get(a->root, "gemrace"), *detector;
	const char *needed = known_detector(defect);
	size_t i;

	json_array_foreach(json_object_get(info, "detectors"), i, detector)
	{
		if (needed && !strcmp(json_string_value(detector), needed))
			return true;
	}
	return !needed;
}

static void tell(const struct apply *a)
{
	json_t *told = json_array();

	for (size_t i = 0; i < a->list->count; i++) {
		const struct known_defect *defect = known_at(a->list, i);
		int ran = 0, shown = 0;

		count(a, defect, &ran, &shown);
		if (!shown && (!ran || !is_detected(a, defect)))
			continue;
		json_array_append_new(told,
				      json_pack("{s:s, s:s, s:s, s:s*, s:i, s:i}", "id",
						known_id(defect), "title", known_title(defect),
						"origin", known_origin(defect), "doc",
						known_doc(defect), "ran", ran, "shown", shown));
	}
	json_object_set_new(results_info(a->root), "known", told);
}

int known_apply(const struct known_list *list, json_t *root)
{
	const json_t *info = json_object_get(root, "gemrace");
	const char *release = json_string_value(json_object_get(info, "kernel_release")), *end;
	struct apply a = { .list = list, .root = root };
	const char *name;
	json_t *test;
	int err = 0;

	a.versioned = release && !kernel_version_parse(release, &a.kernel, &end);
	json_object_foreach(results_tests(root), name, test) err = err ?: mark_test(&a, name, test);
	json_object_foreach(results_tests(root), name, test)
	{
		if (text_starts(name, ABORTED) && !test_known(test))
			mark_abort(&a, test);
	}
	tell(&a);
	return err;
}
