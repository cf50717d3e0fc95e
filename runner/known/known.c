// SPDX-License-Identifier: MIT
#include "known/known.h"

#include "diag.h"
#include "plan/plan.h"
#include "prove/kernels.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINGERPRINT 16 /* digits */

struct match {
	enum { MATCH_FINGERPRINT, MATCH_TITLE, MATCH_REASON } kind;
	const char *text;
	regex_t regex; /* of MATCH_REASON */
};

struct known_defect {
	json_t *json; /* owns the strings */
	struct kernel_range *kernels;
	size_t nr_kernels;
	struct match *matches;
	size_t nr_matches;
};

/* One file on its way in. */
struct reader {
	const char *path;
	struct known_defect *defect;
	struct diag *d;
};

static int bad(struct reader *r, const char *member, const char *why)
{
	return diag_set(r->d, GEMRACE_USAGE, EINVAL, "%s: \"%s\": %s", r->path, member, why);
}

static const char *const members[] = {
	"id", "title", "kernels", "detector", "match", "subtests", "origin", "doc",
};

static bool is_member(const char *key)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		if (!strcmp(members[i], key))
			return true;
	}
	return false;
}

static int check_members(struct reader *r)
{
	static const struct {
		const char *name;
		bool optional;
	} strings[] = {
		{ "id", false }, { "title", false },   { "origin", false },
		{ "doc", true }, { "detector", true },
	};
	const char *key;
	json_t *value;

	json_object_foreach(r->defect->json, key, value)
	{
		if (!is_member(key))
			return bad(r, key, "no such member");
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		value = json_object_get(r->defect->json, strings[i].name);
		if (!value && strings[i].optional)
			continue;
		if (!json_string_length(value))
			return bad(r, strings[i].name, "expected a string that is not empty");
	}
	if (strpbrk(known_id(r->defect), " ,\t"))
		return bad(r, "id", "expected one word without a comma");
	return 0;
}

/* "6.1-6.12", "6.12-", or "6.1" alone. */
static int parse_range(const char *text, struct kernel_range *ret)
{
	struct kernel_range one = { 0 };
	const char *end;

	if (!text)
		return -EINVAL;
	if (!kernel_version_parse(text, &one.first, &end) && !*end) {
		one.last = one.first;
		*ret = one;
		return 0;
	}
	return kernel_range_parse(text, ret);
}

static int read_kernels(struct reader *r)
{
	static const char expected[] =
		"expected a range (\"6.1-6.12\", \"6.12-\", \"6.1\") or an array of them";
	struct known_defect *defect = r->defect;
	const json_t *value = json_object_get(defect->json, "kernels");
	size_t count = json_is_array(value) ? json_array_size(value) : 1;

	if (!count)
		return bad(r, "kernels", expected);
	defect->kernels = calloc(count, sizeof(*defect->kernels));
	if (!defect->kernels)
		return diag_set(r->d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;

		if (parse_range(json_string_value(item), &defect->kernels[i]))
			return bad(r, "kernels", expected);
		defect->nr_kernels++;
	}
	return 0;
}

static int read_match(struct reader *r, const json_t *item, struct match *ret)
{
	static const char *const kinds[] = {
		[MATCH_FINGERPRINT] = "fingerprint",
		[MATCH_TITLE] = "title",
		[MATCH_REASON] = "reason",
	};
	char why[128];
	int err;

	*ret = (struct match){ .text = NULL };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const json_t *value = json_object_get(item, kinds[i]);

		if (!json_string_length(value))
			continue;
		ret->kind = i;
		ret->text = json_string_value(value);
	}
	if (!ret->text || json_object_size(item) != 1)
		return bad(r, "match",
			   "expected objects with one of \"fingerprint\", \"title\", \"reason\"");
	if (ret->kind == MATCH_FINGERPRINT &&
	    (strlen(ret->text) != FINGERPRINT ||
	     strspn(ret->text, "0123456789abcdef") != FINGERPRINT))
		return bad(r, "fingerprint", "expected 16 hexadecimal digits, in lower case");
	if (ret->kind != MATCH_REASON)
		return 0;
	err = regcomp(&ret->regex, ret->text, REG_EXTENDED | REG_NOSUB);
	if (err) {
		regerror(err, &ret->regex, why, sizeof(why));
		return bad(r, "reason", why);
	}
	return 0;
}

static int read_matches(struct reader *r)
{
	struct known_defect *defect = r->defect;
	const json_t *array = json_object_get(defect->json, "match");
	size_t count = json_array_size(array);
	int err;

	if (!count)
		return bad(r, "match", "expected an array that is not empty");
	defect->matches = calloc(count, sizeof(*defect->matches));
	if (!defect->matches)
		return diag_set(r->d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		err = read_match(r, json_array_get(array, i), &defect->matches[i]);
		if (err)
			return err;
		defect->nr_matches++;
	}
	return 0;
}

static int check_subtests(struct reader *r)
{
	const json_t *array = json_object_get(r->defect->json, "subtests"), *item;
	size_t i;

	if (!json_array_size(array))
		return bad(r, "subtests", "expected an array that is not empty");
	json_array_foreach(array, i, item)
	{
		const char *pattern = json_string_value(item);

		if (!pattern || !strchr(pattern, '@') || !strncmp(pattern, "igt@", 4))
			return bad(r, "subtests", "expected patterns of binary@subtest");
	}
	return 0;
}

static int load_one(const char *path, struct known_defect *ret, struct diag *d)
{
	struct reader r = { .path = path, .defect = ret, .d = d };
	json_error_t error;
	int err;

	ret->json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!ret->json)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "%s: line %d: %s", path, error.line,
				error.text);
	if (!json_is_object(ret->json))
		return diag_set(d, GEMRACE_USAGE, EINVAL, "%s: expected an object", path);
	err = check_members(&r);
	err = err ?: read_kernels(&r);
	err = err ?: read_matches(&r);
	return err ?: check_subtests(&r);
}

static int is_json(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return *entry->d_name != '.' && dot && !strcmp(dot, ".json");
}

static int add_file(struct known_list *list, const char *path, struct diag *d)
{
	struct known_defect *defect = &list->at[list->count++];
	int err = load_one(path, defect, d);

	for (size_t i = 0; !err && i + 1 < list->count; i++) {
		if (!strcmp(known_id(&list->at[i]), known_id(defect)))
			return diag_set(d, GEMRACE_USAGE, EEXIST,
					"%s: another file has the id '%s' already", path,
					known_id(defect));
	}
	return err;
}

int known_load(const char *dir, struct known_list *ret, struct diag *d)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, is_json, alphasort), err = 0;

	*ret = (struct known_list){ 0 };
	if (n < 0)
		return diag_set(d, GEMRACE_USAGE, errno, "known defects: %s: %s", dir,
				strerror(errno));
	ret->at = calloc(n + 1, sizeof(*ret->at));
	if (!ret->at)
		err = diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		err = err ?: add_file(ret, path, d);
		free(entries[i]);
	}
	free(entries);
	return err;
}

void known_finish(struct known_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct known_defect *defect = &list->at[i];

		for (size_t m = 0; m < defect->nr_matches; m++) {
			if (defect->matches[m].kind == MATCH_REASON)
				regfree(&defect->matches[m].regex);
		}
		free(defect->matches);
		free(defect->kernels);
		json_decref(defect->json);
	}
	free(list->at);
	*list = (struct known_list){ 0 };
}

static const char *member(const struct known_defect *defect, const char *name)
{
	return json_string_value(json_object_get(defect->json, name));
}

const char *known_id(const struct known_defect *defect)
{
	return member(defect, "id");
}

const char *known_title(const struct known_defect *defect)
{
	return member(defect, "title");
}

const char *known_origin(const struct known_defect *defect)
{
	return member(defect, "origin");
}

const char *known_doc(const struct known_defect *defect)
{
	return member(defect, "doc");
}

const char *known_detector(const struct known_defect *defect)
{
	return member(defect, "detector");
}

const struct known_defect *known_at(const struct known_list *list, size_t i)
{
	return &list->at[i];
}

bool known_on(const struct known_defect *defect, struct kernel_version kernel)
{
	for (size_t i = 0; i < defect->nr_kernels; i++) {
		if (kernel_range_has(&defect->kernels[i], kernel))
			return true;
	}
	return false;
}

bool known_shown_by(const struct known_defect *defect, const char *name)
{
	const json_t *array = json_object_get(defect->json, "subtests"), *item;
	char subtest[PLAN_NAME_MAX];
	const char *at;
	size_t i;

	if (strncmp(name, "igt@", 4))
		return false;
	name += 4;
	/* A pattern without a dynamic part means all of them. */
	at = strchr(name, '@');
	at = at ? strchr(at + 1, '@') : NULL;
	snprintf(subtest, sizeof(subtest), "%.*s", at ? (int)(at - name) : (int)strlen(name), name);
	json_array_foreach(array, i, item)
	{
		const char *pattern = json_string_value(item);

		if (!fnmatch(pattern, name, 0) || !fnmatch(pattern, subtest, 0))
			return true;
	}
	return false;
}

bool known_explains(const struct known_defect *defect, const struct cause *cause)
{
	for (size_t i = 0; i < defect->nr_matches; i++) {
		const struct match *match = &defect->matches[i];

		switch (match->kind) {
		case MATCH_FINGERPRINT:
			if (!strcmp(match->text, cause->fingerprint))
				return true;
			break;
		case MATCH_TITLE:
			if (cause->fingerprint[0] && !strcmp(match->text, cause->text))
				return true;
			break;
		case MATCH_REASON:
			if (!regexec(&match->regex, cause->text, 0, NULL, 0))
				return true;
			break;
		}
	}
	return false;
}
