// SPDX-License-Identifier: MIT
/* The evidence of a race is JSON, whatever its names hold. */
#include <jansson.h>

#include "cmocka_all.h"
#include "race/race.h"

static long nobody(void *ctx, unsigned int lane)
{
	return 0;
}

/* Names with quotes and control characters, and a report with a hit. */
static void evidence_is_json(void **state)
{
	struct race_scenario scenario = {
		.name = "synthetic",
		.nlanes = 2,
		.lanes = { { "\"quoted\\\"", { { "tab\there", nobody } } },
			   { "caf\xc3\xa9\n", { { NULL, nobody }, { "x", nobody } } } },
	};
	struct race_report report = {
		.verdict = RACE_BROKEN,
		.reason = "lost \"x\"\x01",
		.seed = UINT64_MAX,
		.attempts = 12,
		.upper_bound = 1.0 / 0.0,
		.nflips = 1,
		.flips = { { .lane = 1, .before = RACE_B_FIRST, .after = RACE_A_FIRST } },
		.hit = { .attempt = { .index = 12, .lanes = 2 }, .why = "lost", .replay = "v=1" },
	};
	char text[8192] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	json_t *root;

	report.skew[0] = report.skew[31] = report.skew[32] = report.skew[63] = 1;
	assert_non_null(out);
	assert_int_equal(race_evidence_write(out, &scenario, &report), 0);
	fclose(out);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "gemrace_race")),
			 RACE_EVIDENCE_VERSION);
	assert_string_equal(json_string_value(json_object_get(root, "seed")),
			    "18446744073709551615");
	assert_string_equal(json_string_value(json_object_get(root, "reason")), "lost \"x\"\x01");
	assert_true(json_is_null(json_object_get(root, "hit_probability_below")));
	assert_int_equal(json_array_size(json_object_get(root, "skew_histogram")), 4);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(root, "hit"), "attempt")), 12);
	json_decref(root);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
