// SPDX-License-Identifier: MIT
/*
 * The subtests that the mutants' headers name are there: a pattern that matches none would be run as
 * nothing, and a kernel bug survive for it.
 *
 * usage: mutant_tests FOLDER-OF-MUTANTS FOLDER-OF-TEST-BINARIES
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

struct places {
	const char *mutants, *tests;
};

/* Whether @binary lists a subtest that @pattern matches. */
static bool lists(const struct places *at, const char *binary, const char *pattern)
{
	_cleanup_free_ char *command = text_printf("'%s/%s' --list-subtests 2>/dev/null", at->tests,
						   binary);
	char line[256];
	bool found = false;
	FILE *f;

	assert_non_null(command);
	f = popen(command, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		found = found || !fnmatch(pattern, line, 0);
	}
	pclose(f);
	return found;
}

static void caught_by_names_subtests(void **state)
{
	const struct places *at = *state;
	struct mutants mutants;
	size_t patterns = 0, wrong = 0;
	struct diag d;

	if (mutants_load(at->mutants, &mutants, &d))
		fail_msg("%s", d.text);
	for (size_t i = 0; i < mutants.count; i++) {
		const struct mutant *m = &mutants.at[i];

		for (char **p = m->caught_by; p && *p; p++, patterns++) {
			_cleanup_free_ char *binary = strndup(*p, strcspn(*p, "@"));
			const char *at_sign = strchr(*p, '@');

			assert_non_null(binary);
			if (at_sign && lists(at, binary, at_sign + 1))
				continue;
			print_error("%s: Caught-by names no subtest: %s\n", m->path, *p);
			wrong++;
		}
	}
	mutants_finish(&mutants);
	assert_true(patterns > 0);
	assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
	struct places at = { argc > 1 ? argv[1] : "mutants", argc > 2 ? argv[2] : "build/tests" };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(caught_by_names_subtests, &at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
