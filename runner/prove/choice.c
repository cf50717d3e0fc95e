// SPDX-License-Identifier: MIT
#include "prove/choice.h"

#include "build/module.h"
#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"

#include <errno.h>
#include <string.h>

/* Whether the comma-separated @list has @id. */
static bool is_named(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (; list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL) {
		if (!strncmp(list, id, n) && (!list[n] || list[n] == ','))
			return true;
	}
	return false;
}

int choice_check(const struct choice *c, const char *option, struct diag *d)
{
	const char *s = c->only;

	while (s && *s) {
		_cleanup_free_ char *id = strndup(s, strcspn(s, ","));
		bool found = false;

		for (size_t i = 0; id && i < c->mutants->count; i++)
			found = found || !strcmp(c->mutants->at[i].id, id);
		if (!found)
			return diag_set(d, GEMRACE_USAGE, ENOENT, "%s: no mutant '%s' in %s",
					option, id ? id : s, c->dir);
		s += strcspn(s, ",");
		s += *s == ',';
	}
	return 0;
}

bool choice_has(const struct choice *c, const struct mutant *m)
{
	if (c->only && !is_named(c->only, m->id))
		return false;
	if (!kernel_range_has(&m->kernels, c->version))
		return false;
	return kernel_module_find(m->module)->target || c->whole;
}

static bool same_words(char *const *a, char *const *b)
{
	while (*a && *b && !strcmp(*a, *b))
		a++, b++;
	return !*a && !*b;
}

char **choice_tests(const struct choice *c, const struct mutant *m)
{
	char **tests = calloc(1, sizeof(*tests));
	size_t count = 0;

	for (size_t i = 0; tests && i < c->mutants->count; i++) {
		const struct mutant *other = &c->mutants->at[i];
		size_t n = 0;
		char **more;

		if (!choice_has(c, other) || !same_words(other->devices, m->devices))
			continue;
		while (other->caught_by && other->caught_by[n])
			n++;
		more = reallocarray(tests, count + n + 1, sizeof(*tests));
		if (!more) {
			free(tests);
			return NULL;
		}
		if (!n) {
			*more = NULL;
			return more;
		}
		tests = more;
		memcpy(tests + count, other->caught_by, n * sizeof(*tests));
		tests[count += n] = NULL;
	}
	return tests;
}
