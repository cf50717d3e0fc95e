/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KNOWN_KNOWN_H
#define RUNNER_KNOWN_KNOWN_H

#include "kbuild/version.h"
#include "known/cause.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct diag;

/* A defect of the kernel that is known: one file, see docs/known.md. */
struct known_defect;

struct known_list {
	struct known_defect *at;
	size_t count;
};

/*
 * Reads all *.json files in @dir, in the order of their names. 0; -errno with @d filled in
 * (GEMRACE_USAGE: the folder cannot be read, or a file is not what docs/known.md says).
 * known_finish() in any case.
 */
int known_load(const char *dir, struct known_list *ret, struct diag *d);
void known_finish(struct known_list *list);

/*
 * Members of a defect; the strings are its own, doc is NULL when the file has none, and so is
 * detector: without the one it names the defect does not show.
 */
const char *known_id(const struct known_defect *defect);
const char *known_title(const struct known_defect *defect);
const char *known_origin(const struct known_defect *defect);
const char *known_doc(const struct known_defect *defect);
const char *known_detector(const struct known_defect *defect);
const struct known_defect *known_at(const struct known_list *list, size_t i);

/* Whether the defect is there on @kernel. */
bool known_on(const struct known_defect *defect, struct kernel_version kernel);

/* Whether @name (igt@binary@subtest, with or without @dynamic) is one of those that show it. */
bool known_shown_by(const struct known_defect *defect, const char *name);

/* Whether @cause is what the defect looks like. */
bool known_explains(const struct known_defect *defect, const struct cause *cause);

#endif
