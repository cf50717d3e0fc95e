/* SPDX-License-Identifier: MIT */
/* Recorded files, and what every parser owes whatever it is given. */
#ifndef TEST_ORACLE_SAMPLE_H
#define TEST_ORACLE_SAMPLE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle/parse.h"
#include "oracle/text.h"

static const char *const versions[] = { "6.1", "6.12", "7.2" };

#define NR_VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* The file must exist: a sample that is missing is no sample that passed. */
static inline char *read_sample(const char *version, const char *path, size_t *ret_len)
{
	char full[2 * PATH_MAX], *buf;

	snprintf(full, sizeof(full), "%s/%s/%s", SAMPLES, version, path);
	if (text_read_at(AT_FDCWD, full, &buf, ret_len))
		fail_msg("cannot read %s", full);
	return buf;
}

/* The records between "starting subtest @mark" and "finished subtest @mark". */
static inline struct text between_marks(const char *buf, size_t len, const char *mark)
{
	struct text text = { buf, len };
	const char *start, *end;
	char line[64];

	snprintf(line, sizeof(line), "starting subtest %s\n", mark);
	start = text_find(text, (struct text){ line, strlen(line) });
	assert_non_null(start);
	start += strlen(line);
	text = (struct text){ start, buf + len - start };
	snprintf(line, sizeof(line), "finished subtest %s,", mark);
	end = text_find(text, (struct text){ line, strlen(line) });
	assert_non_null(end);
	while (end > start && end[-1] != '\n')
		end--;
	return (struct text){ start, end - start };
}

#endif
