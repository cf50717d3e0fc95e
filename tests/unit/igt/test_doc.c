// SPDX-License-Identifier: MIT
/* The grammar of documentation blocks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "doc/block.h"

#define SPDX  "// SPDX-License-Identifier: MIT\n"
#define BEGIN SPDX "/*\n"
#define TEST  " * TEST: gem_flink_race\n * Description: Flink.\n"
#define END   " */\n#include <stdio.h>\n"

static void good(void **state)
{
	static const char source[] = BEGIN " * TEST: gem_flink_race\n"
					   " * Description: Flink against close,\n"
					   " *\t\tin two paragraphs:\n"
					   " *\n"
					   " * Fixed by: some commit.\n"
					   " *\n"
					   " * SUBTEST: flink-vs-close\n"
					   " * Description: One \"line\".   \n"
					   " * SUBTEST: unload\n"
					   " * Destructive:  freed code is called \n"
					   " * Profile: full\n"
					   " * Description: Unloads.\n"
					   " * SUBTEST: open-*-[0-9]\n"
					   " * Description:\n"
					   " *   Below its tag.\n" END;
	struct doc_block block;
	char error[128];

	assert_int_equal(doc_block_parse(&block, source, error, sizeof(error)), 0);
	assert_string_equal(block.test.name, "gem_flink_race");
	assert_string_equal(block.test.description, "Flink against close,\nin two paragraphs:\n\n"
						    "Fixed by: some commit.");
	assert_int_equal(block.test.line, 3);
	assert_int_equal(block.count, 3);
	assert_null(block.subtests[0].destructive);
	assert_null(block.subtests[0].profile);
	assert_string_equal(block.subtests[0].name, "flink-vs-close");
	assert_string_equal(block.subtests[0].description, "One \"line\".");
	assert_int_equal(block.subtests[0].line, 9);
	assert_string_equal(block.subtests[1].destructive, "freed code is called");
	assert_string_equal(block.subtests[1].profile, "full");
	assert_string_equal(block.subtests[1].description, "Unloads.");
	assert_string_equal(block.subtests[2].name, "open-*-[0-9]");
	assert_string_equal(block.subtests[2].description, "Below its tag.");
	doc_block_finish(&block);
	doc_block_finish(&block); /* once more is harmless */
}

static void bad(void **state)
{
	static const struct {
		const char *source, *error;
	} cases[] = {
		{ "", "1: does not begin with an SPDX line" },
		{ "/*\n" TEST END, "1: does not begin with an SPDX line" },
		{ SPDX, "2: no documentation block behind the SPDX line" },
		{ SPDX "\n/*\n" TEST END, "2: no documentation block behind the SPDX line" },
		{ SPDX "#include <stdio.h>\n", "2: no documentation block behind the SPDX line" },
		{ BEGIN, "3: the documentation block does not end" },
		{ BEGIN TEST, "5: the documentation block does not end" },
		{ BEGIN TEST " *", "5: the documentation block does not end" },
		{ BEGIN "text\n" END, "3: a line of the block does not begin with *" },
		{ BEGIN END, "3: the block has no TEST:" },
		{ BEGIN " * Some text.\n" END, "3: text outside a Description:" },
		{ BEGIN " * Description: x\n" END, "3: Description: before TEST:" },
		{ BEGIN " * SUBTEST: a\n" END, "3: SUBTEST: before TEST:" },
		{ BEGIN " * TEST:\n" END, "3: TEST: needs a name of a-z, 0-9 and _" },
		{ BEGIN " * TEST: a b\n" END, "3: TEST: needs a name of a-z, 0-9 and _" },
		{ BEGIN " * TEST: a-b\n" END, "3: TEST: needs a name of a-z, 0-9 and _" },
		{ BEGIN " * TEST: a\n" END, "4: the last entry has no Description:" },
		{ BEGIN " * TEST: a\n * more\n" END, "4: text outside a Description:" },
		{ BEGIN TEST " * TEST: b\n" END, "5: TEST: is there twice" },
		{ BEGIN TEST " * Description: again\n" END,
		  "5: a second Description: for the same entry" },
		{ BEGIN TEST " * SUBTEST: A\n" END,
		  "5: SUBTEST: needs a name of a-z, 0-9 and -, or a pattern" },
		{ BEGIN TEST " * SUBTEST: a_b\n" END,
		  "5: SUBTEST: needs a name of a-z, 0-9 and -, or a pattern" },
		{ BEGIN TEST " * SUBTEST: a\n * SUBTEST: b\n" END,
		  "6: the entry before this one has no Description:" },
		{ BEGIN TEST " * SUBTEST: a\n" END, "6: the last entry has no Description:" },
		{ BEGIN " * Destructive: x\n" END,
		  "3: Destructive: must follow a SUBTEST: at once" },
		{ BEGIN TEST " * Destructive: x\n" END,
		  "5: Destructive: must follow a SUBTEST: at once" },
		{ BEGIN TEST " * SUBTEST: a\n * Description: b\n * Destructive: x\n" END,
		  "7: Destructive: must follow a SUBTEST: at once" },
		{ BEGIN TEST " * SUBTEST: a\n * Destructive: x\n * Destructive: x\n" END,
		  "7: Destructive: must follow a SUBTEST: at once" },
		{ BEGIN TEST " * SUBTEST: a\n * Destructive:\n" END,
		  "6: Destructive: needs the reason" },
		{ BEGIN TEST " * SUBTEST: a\n * Profile: full\n" END,
		  "6: Profile: must follow a Destructive: at once" },
		{ BEGIN TEST " * SUBTEST: a\n * Destructive: x\n * Profile: ful\n" END,
		  "7: Profile: is none of quick, full, soak" },
		{ BEGIN TEST " * SUBTEST: a\n * Destructive: x\n * more\n" END,
		  "7: text outside a Description:" },
		{ BEGIN TEST " * SUBTEST: a\n * Destructive: x\n" END,
		  "7: the last entry has no Description:" },
		{ BEGIN TEST " * SUBTEST: a\n * Description:\n *\n" END,
		  "5: an empty Description:" },
		{ BEGIN " * TEST: a\n * Description:\n" END, "3: an empty Description:" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doc_block block;
		char error[128] = "";
		int ret = doc_block_parse(&block, cases[i].source, error, sizeof(error));

		doc_block_finish(&block);
		if (ret != -EINVAL || strcmp(error, cases[i].error))
			fail_msg("case %zu: %d, \"%s\" instead of \"%s\"", i, ret, error,
				 cases[i].error);
	}
}

/* Any beginning of a good file is either good or refused, and never read past. */
static void every_prefix(void **state)
{
	static const char source[] = BEGIN TEST " *\n * SUBTEST: a\n * Description: b\n" END;
	char copy[sizeof(source)];

	for (size_t length = 0; length < sizeof(source); length++) {
		struct doc_block block;
		char error[128] = "";
		int ret;

		memcpy(copy, source, length);
		copy[length] = '\0';
		ret = doc_block_parse(&block, copy, error, sizeof(error));
		assert_true(ret == 0 || (ret == -EINVAL && error[0]));
		doc_block_finish(&block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(every_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
