// SPDX-License-Identifier: MIT
#include "prove/mutant.h"

#include "build/module.h"
#include "diag.h"
#include "fetch/file.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_words[] = {
	[MUTANT_DET] = "det",
	[MUTANT_RACE] = "race",
	[MUTANT_FAIL] = "fail",
	[MUTANT_REPAIR] = "repair",
};
#define KIND_COUNT (sizeof(kind_words) / sizeof(*kind_words))

const char *mutant_kind_word(enum mutant_kind kind)
{
	return kind_words[kind];
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void mutant_finish(struct mutant *m)
{
	free(m->id);
	free(m->path);
	free(m->title);
	free(m->origin);
	free(m->symptom);
	free(m->survives);
	free(m->module);
	free_list(m->files);
	free_list(m->devices);
	free_list(m->caught_by);
	*m = (struct mutant){ 0 };
}

/* A trimmed copy of the @size bytes at @s. */
static char *trimmed(const char *s, size_t size)
{
	while (size && (*s == ' ' || *s == '\t'))
		s++, size--;
	while (size && strchr(" \t\r", s[size - 1]))
		size--;
	return strndup(s, size);
}

/* Splits "a, b" at the commas. NULL when memory is short. */
static char **split(const char *s)
{
	size_t room = 2, count = 0;
	char **list;

	for (const char *p = s; *p; p++)
		room += *p == ',';
	list = calloc(room, sizeof(*list));
	while (list && *s) {
		size_t n = strcspn(s, ",");
		char *word = trimmed(s, n);

		if (!word) {
			free_list(list);
			return NULL;
		}
		if (*word)
			list[count++] = word;
		else
			free(word);
		s += n + (s[n] == ',');
	}
	return list;
}

/* How a header's words are kept. */
enum field_type { FIELD_TEXT, FIELD_LIST, FIELD_KERNELS, FIELD_KIND, FIELD_MODULE };

static const struct field {
	const char *word;
	enum field_type type;
	size_t offset;
	bool optional;
} fields[] = {
	{ "Title", FIELD_TEXT, offsetof(struct mutant, title), false },
	{ "Origin", FIELD_TEXT, offsetof(struct mutant, origin), false },
	{ "Module", FIELD_MODULE, offsetof(struct mutant, module), false },
	{ "File", FIELD_LIST, offsetof(struct mutant, files), false },
	{ "Kernels", FIELD_KERNELS, offsetof(struct mutant, kernels), false },
	{ "Kind", FIELD_KIND, offsetof(struct mutant, kind), false },
	{ "Devices", FIELD_LIST, offsetof(struct mutant, devices), false },
	{ "Caught-by", FIELD_LIST, offsetof(struct mutant, caught_by), true },
	{ "Symptom", FIELD_TEXT, offsetof(struct mutant, symptom), true },
	{ "Survives", FIELD_TEXT, offsetof(struct mutant, survives), true },
};
#define FIELD_COUNT (sizeof(fields) / sizeof(*fields))

static int set_kind(enum mutant_kind *ret, const char *value)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (!strcmp(kind_words[i], value)) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_list(char ***ret, const char *value)
{
	char **list = split(value);

	if (!list)
		return -ENOMEM;
	if (!*list) {
		free(list);
		return -EINVAL;
	}
	*ret = list;
	return 0;
}

static int set_field(struct mutant *m, const struct field *f, const char *value)
{
	void *at = (char *)m + f->offset;

	if (!*value)
		return -EINVAL;
	switch (f->type) {
	case FIELD_KERNELS:
		return kernel_range_parse(value, at);
	case FIELD_KIND:
		return set_kind(at, value);
	case FIELD_LIST:
		return set_list(at, value);
	case FIELD_MODULE:
		if (strcmp(value, "vmlinux") && !kernel_module_find(value))
			return -EINVAL;
		break;
	case FIELD_TEXT:
		break;
	}
	*(char **)at = strdup(value);
	return *(char **)at ? 0 : -ENOMEM;
}

static const struct field *find_field(const char *word, size_t size)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		if (strlen(fields[i].word) == size && !memcmp(fields[i].word, word, size))
			return &fields[i];
	}
	return NULL;
}

/*
 * Splits a comment's text into word and value. Only "Word: value" from its first column starts a
 * field; text further in carries the one before on.
 */
static bool starts_field(const char *text, size_t size, size_t *ret_word)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");

	*ret_word = n;
	return n && n < size && text[n] == ':';
}

/* The value that starts at @s: what is left of the line, and the lines that carry it on. */
static char *read_value(const char *s, const char **ret_next)
{
	char *value = strdup("");
	size_t word;

	while (value) {
		size_t n = strcspn(s, "\n");
		_cleanup_free_ char *part = trimmed(s, n);
		char *joined = part ? text_printf("%s%s%s", value, *value ? " " : "", part) : NULL;

		free(value);
		value = joined;
		s += n + (s[n] == '\n');
		if (strncmp(s, "// ", 3) || starts_field(s + 3, strcspn(s + 3, "\n"), &word))
			break;
		s += 3;
	}
	*ret_next = s;
	return value;
}

static int line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static int parse_fields(const char *path, const char *text, struct mutant *m, bool *seen,
			struct diag *d)
{
	const char *s = text;

	while (!strncmp(s, "//", 2)) {
		const char *line = s, *next;
		_cleanup_free_ char *value = NULL;
		const struct field *f;
		size_t word;
		int err;

		if (strncmp(s, "// ", 3) || !starts_field(s + 3, strcspn(s + 3, "\n"), &word))
			return diag_set(d, GEMRACE_USAGE, EINVAL,
					"%s:%d: not a 'Word: value' header line", path,
					line_of(text, line));
		f = find_field(s + 3, word);
		if (!f)
			return diag_set(d, GEMRACE_USAGE, EINVAL,
					"%s:%d: unknown header word '%.*s'", path,
					line_of(text, line), (int)word, s + 3);
		if (seen[f - fields])
			return diag_set(d, GEMRACE_USAGE, EINVAL, "%s:%d: '%s' is given twice",
					path, line_of(text, line), f->word);
		value = read_value(s + 3 + word + 1, &next);
		err = value ? set_field(m, f, value) : -ENOMEM;
		if (err)
			return diag_set(d, err == -ENOMEM ? GEMRACE_HARNESS : GEMRACE_USAGE, -err,
					"%s:%d: bad value '%s' for '%s'", path, line_of(text, line),
					value ? value : "", f->word);
		seen[f - fields] = true;
		s = next;
	}
	return 0;
}

int mutant_parse(const char *path, const char *text, struct mutant *ret, struct diag *d)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool seen[FIELD_COUNT] = { false };
	struct mutant m = { 0 };
	int err;

	m.path = strdup(path);
	m.id = strndup(name, strlen(name) - (text_ends(name, ".cocci") ? strlen(".cocci") : 0));
	err = m.path && m.id ? parse_fields(path, text, &m, seen, d)
			     : diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (size_t i = 0; !err && i < FIELD_COUNT; i++) {
		if (!seen[i] && !fields[i].optional)
			err = diag_set(d, GEMRACE_USAGE, EINVAL,
				       "%s: its header lacks '// %s: ...'", path, fields[i].word);
	}
	if (err) {
		mutant_finish(&m);
		return err;
	}
	*ret = m;
	return 0;
}

static int is_cocci(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && text_ends(entry->d_name, ".cocci");
}

static int load_one(const char *dir, const char *name, struct mutant *ret, struct diag *d)
{
	_cleanup_free_ char *path = text_printf("%s/%s", dir, name), *text = NULL;
	int err = path ? file_read(path, &text, NULL) : -ENOMEM;

	if (err)
		return diag_set(d, GEMRACE_USAGE, -err, "cannot read %s/%s: %s", dir, name,
				strerror(-err));
	return mutant_parse(path, text, ret, d);
}

int mutants_load(const char *dir, struct mutants *ret, struct diag *d)
{
	struct mutants all = { 0 };
	struct dirent **names;
	int count, err = 0;

	count = scandir(dir, &names, is_cocci, alphasort);
	if (count < 0)
		return diag_set(d, GEMRACE_USAGE, errno, "cannot read the mutants in %s: %s", dir,
				strerror(errno));
	all.at = calloc(count + 1, sizeof(*all.at));
	if (!all.at)
		err = diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (int i = 0; i < count; i++) {
		if (!err)
			err = load_one(dir, names[i]->d_name, &all.at[all.count], d);
		if (!err)
			all.count++;
		free(names[i]);
	}
	free(names);
	if (!err && !all.count)
		err = diag_set(d, GEMRACE_USAGE, ENOENT, "no mutants (*.cocci) in %s", dir);
	if (err) {
		mutants_finish(&all);
		return err;
	}
	*ret = all;
	return 0;
}

void mutants_finish(struct mutants *mutants)
{
	for (size_t i = 0; i < mutants->count; i++)
		mutant_finish(&mutants->at[i]);
	free(mutants->at);
	*mutants = (struct mutants){ 0 };
}
