/* SPDX-License-Identifier: MIT */
#ifndef TEST_DOC_BLOCK_H
#define TEST_DOC_BLOCK_H

#include <stddef.h>

/*
 * The documentation block of a test: the first comment behind the SPDX line.
 *
 *	* TEST: gem_flink_race
 *	* Description: One paragraph or more, up to the first SUBTEST. What races, between
 *	 *		whom, which kernel change made it right, what a broken kernel shows.
 *	*
 *	* SUBTEST: flink-vs-close
 *	* Description: As long as need be.
 *	*
 *	* SUBTEST: open-vs-close-*
 *	* Description: Describes each subtest that the pattern matches (see igt/pattern.h).
 *	*
 *	* SUBTEST: unload-*
 *	* Destructive: a fence that outlives its module calls freed code
 *	* Description: Why the kernel may die of it, in one line behind the SUBTEST. These run only
 *	*		with GEMRACE_DESTRUCTIVE=1 in the environment; lib/igt skips them otherwise.
 *	*
 *	* SUBTEST: unload-matrix
 *	* Destructive: the same
 *	* Profile: full
 *	* Description: The least profile (quick, full, soak) in which a destructive subtest does
 *	*		anything; in a lesser one it skips, and needs no VM of its own for that.
 *
 * TEST and SUBTEST are followed by exactly one Description each. A description keeps its line
 * breaks; indentation and the comment's stars are dropped, blank lines separate paragraphs.
 * SUBTEST names are lower-case letters, digits and -, with *, ? and [set] in patterns.
 */
struct doc_entry {
	char *name;        /* of the test, or a subtest's name or pattern */
	char *destructive; /* why the kernel may die of it; NULL: it must not */
	char *profile;     /* the least one it runs in; NULL: any */
	char *description; /* no newline at the end */
	int line;          /* of its SUBTEST or TEST */
};

struct doc_block {
	struct doc_entry test;
	struct doc_entry *subtests;
	size_t count;
};

/*
 * Read the block at the head of @source, a NUL-terminated file. Returns 0, or -EINVAL with
 * "LINE: what is wrong" in @ret_error; -ENOMEM. Free with doc_block_finish() in any case.
 */
int doc_block_parse(struct doc_block *ret_block, const char *source, char *ret_error,
		    size_t error_size);
void doc_block_finish(struct doc_block *block);

#endif
