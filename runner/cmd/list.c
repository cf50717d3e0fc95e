// SPDX-License-Identifier: MIT
/* gemrace list: the names of the tests, as binary@subtest, one a line. */
#include "cmd/cmd.h"
#include "diag.h"
#include "plan/places.h"
#include "plan/plan.h"

#include <jansson.h>

static void print_names(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_test *t = &plan->tests[i];

		printf("%s%s%s\n", t->binary, t->subtest ? "@" : "", t->subtest ? t->subtest : "");
	}
}

static void print_json(const struct plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->count; i++) {
		const struct planned_test *t = &plan->tests[i];
		json_t *test = json_pack("{s:s, s:s?}", "binary", t->binary, "subtest", t->subtest);

		if (t->destructive)
			json_object_set_new(test, "destructive", json_true());
		json_array_append_new(list, test);
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

int cmd_list(const struct options *options, struct diag *d)
{
	struct places places;
	struct plan plan;
	int err;

	err = places_find(options->tests, &places, d);
	if (err)
		return err;
	err = plan_build(places.tests, &options->include, &options->exclude, -1, &plan, d);
	places_finish(&places);
	if (err)
		return err;
	if (options->json)
		print_json(&plan);
	else
		print_names(&plan);
	plan_finish(&plan);
	return GEMRACE_OK;
}
