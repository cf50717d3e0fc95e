/* SPDX-License-Identifier: MIT */
#ifndef IGT_PATTERN_H
#define IGT_PATTERN_H

#include <stdbool.h>

/**
 * igt_wildmat - match one name against one pattern
 *
 * `*` any run of characters, `?` any one, `[a-z]` one of a set, `[^a-z]` one outside it, `\x` a
 * literal x. A malformed pattern (an open bracket or a trailing backslash) matches nothing.
 */
bool igt_wildmat(const char *name, const char *pattern);

/**
 * igt_pattern_match - match a name against a comma-separated list of patterns
 *
 * A part that starts with `!` excludes. The last part that matches decides; a name that no part
 * matches is not selected. There is no way to escape a comma: subtest names have none.
 */
bool igt_pattern_match(const char *name, const char *patterns);

#endif
