// SPDX-License-Identifier: MIT
#include "report/json.h"

#include "results/document.h"
#include "results/merge.h"
#include "results/reason.h"
#include "results/verdict.h"

static json_t *describe_test(const char *name, const json_t *test)
{
	static const char *const copied[] = { "vm",          "known", "title",
					      "fingerprint", "splat", "cut_off" };
	const char *reason;
	char buf[REASON_MAX];
	json_t *object;

	object = json_pack("{s:s, s:s, s:f}", "name", name, "result",
			   verdict_word(verdict_of(test)), "seconds", results_seconds(test));
	reason = verdict_of(test) == VERDICT_PASS ? NULL : reason_of(test, buf);
	json_object_set_new(object, "reason", reason ? results_string(reason) : json_null());
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		json_t *value = json_object_get(test, copied[i]);

		if (value)
			json_object_set(object, copied[i], value);
	}
	return object;
}

void report_json(FILE *f, const json_t *root)
{
	json_t *document = json_deep_copy(json_object_get(root, "gemrace"));
	json_t *tests = json_array(), *totals, *test;
	const char *name;

	json_object_foreach(results_tests(root), name, test)
		json_array_append_new(tests, describe_test(name, test));
	json_object_set_new(document, "status", json_integer(verdict_of_run(root)));
	totals = results_count_subtests(root);
	json_object_set(document, "totals", json_object_get(totals, "root"));
	json_decref(totals);
	json_object_set_new(document, "tests", tests);
	json_dumpf(document, f, JSON_INDENT(2));
	fputc('\n', f);
	json_decref(document);
}
