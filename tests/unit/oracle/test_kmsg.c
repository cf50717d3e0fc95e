// SPDX-License-Identifier: MIT
/* Records of /dev/kmsg taken apart. */
#include "sample.h"

#include "oracle/kmsg.h"

static void fields(void **state)
{
	struct kmsg_record record;

	assert_int_equal(kmsg_parse(TEXT("4,413,49319754,-;WARNING: here; and there"), &record), 0);
	assert_int_equal(record.level, 4);
	assert_int_equal(record.facility, 0);
	assert_int_equal(record.seq, 413);
	assert_int_equal(record.time_us, 49319754);
	assert_int_equal(record.caller.len, 0);
	assert_true(text_equal(record.text, TEXT("WARNING: here; and there")));

	assert_int_equal(
		kmsg_parse(TEXT("14,1,2,c,caller=T431,later=x;[IGT] a\n SUBSYSTEM=b\n"), &record),
		0);
	assert_int_equal(record.level, 6);
	assert_int_equal(record.facility, 1);
	assert_true(text_equal(record.caller, TEXT("T431")));
	assert_true(text_equal(record.text, TEXT("[IGT] a")));

	assert_int_equal(kmsg_parse(TEXT("6,1,2,-;"), &record), 0);
	assert_int_equal(record.text.len, 0);
}

static void malformed(void **state)
{
	static const char *const cases[] = {
		"",
		";",
		";text",
		"4;text",
		"4,1;text",
		"4,1,2;text",
		"x,1,2,-;text",
		"4,x,2,-;text",
		"4,1,x,-;text",
		"-4,1,2,-;text",
		"4,1,2,-",
		"4,1,2,-\n;text",
		"99999999999,1,2,-;text",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kmsg_record record;

		assert_int_equal(kmsg_parse((struct text){ cases[i], strlen(cases[i]) }, &record),
				 -EINVAL);
	}
}

/* Sequence numbers of one boot rise: no record was joined to another. */
static void recorded(void **state)
{
	for (size_t v = 0; v < NR_VERSIONS; v++) {
		struct kmsg_record record;
		struct text text, line;
		uint64_t seq = 0;
		size_t len;
		char *buf = read_sample(versions[v], "kmsg", &len);

		text = (struct text){ buf, len };
		while (text_line(&text, &line)) {
			if (line.p[0] == ' ')
				continue;
			assert_int_equal(kmsg_parse(line, &record), 0);
			assert_true(record.seq > seq);
			seq = record.seq;
		}
		assert_true(seq > 100);
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(malformed),
		cmocka_unit_test(recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
