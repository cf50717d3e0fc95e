/* SPDX-License-Identifier: MIT */
#ifndef IGT_DOC_H
#define IGT_DOC_H

#include <stddef.h>

/*
 * The documentation block of a test, as the build turns it into C: see tests/doc/. A binary
 * without one simply does not define igt_test_doc.
 */
struct igt_doc_subtest {
	const char *pattern;     /* wildmat; a plain name in most cases */
	const char *destructive; /* why the kernel may die of it, one line; NULL: it must not */
	const char *description;
};

struct igt_doc {
	const char *test;
	const char *description;
	const struct igt_doc_subtest *subtests;
	size_t count;
};

extern const struct igt_doc igt_test_doc __attribute__((weak));

/* The entry of a subtest, NULL if the binary's block does not name it. */
const struct igt_doc_subtest *igt_doc_find(const char *subtest);

#endif
