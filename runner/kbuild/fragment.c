// SPDX-License-Identifier: MIT
#include "kbuild/fragment.h"

#include "diag.h"
#include "fetch/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NOT_SET " is not set"

/* A stretch of a line. */
struct word {
	const char *at;
	size_t len;
};

static bool word_is(struct word w, const char *s)
{
	return strlen(s) == w.len && !memcmp(w.at, s, w.len);
}

static size_t option_length(const char *s)
{
	size_t n = strlen("CONFIG_");

	if (!text_starts(s, "CONFIG_"))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* y, m, n, a number or a quoted string; 0: none of these. */
static size_t value_length(const char *s)
{
	size_t n = 0;

	if (*s != '"')
		return isalnum((unsigned char)*s) || *s == '-' ? strcspn(s, " \t#") : 0;
	for (n = 1; s[n] && s[n] != '"'; n++) {
		if (s[n] == '\\' && s[n + 1])
			n++;
	}
	return s[n] ? n + 1 : 0;
}

/* Splits "CONFIG_X=y", "# CONFIG_X is not set" and what follows. False: a line of another kind. */
static bool split(const char *line, struct word *option, struct word *value, const char **rest)
{
	bool off = text_starts(line, "# CONFIG_");
	const char *s = off ? line + 2 : line;

	option->at = s;
	option->len = option_length(s);
	if (!option->len)
		return false;
	s += option->len;
	if (off && !text_starts(s, NOT_SET))
		return false;
	if (!off && *s++ != '=')
		return false;
	value->at = off ? "n" : s;
	value->len = off ? 1 : value_length(s);
	*rest = off ? s + strlen(NOT_SET) : s + value->len;
	return value->len > 0;
}

/*
 * The comment behind an option: "# since V", "# until V", "# since V until V", then any words.
 * -EINVAL for something that is no comment, or a condition without a version.
 */
static int condition(const char *s, struct kernel_version version, bool *ret_counts)
{
	struct kernel_version bound;
	bool counts = true;

	s += strspn(s, " \t");
	if (!*s) {
		*ret_counts = true;
		return 0;
	}
	if (*s++ != '#')
		return -EINVAL;
	for (;;) {
		bool since;

		s += strspn(s, " \t,");
		since = text_starts(s, "since ");
		if (!since && !text_starts(s, "until "))
			break;
		if (kernel_version_parse(s + strlen("since "), &bound, &s))
			return -EINVAL;
		if (since ? kernel_version_compare(version, bound) < 0
			  : kernel_version_compare(version, bound) > 0)
			counts = false;
	}
	*ret_counts = counts;
	return 0;
}

static struct kconfig_wish *find(const struct fragment *f, struct word option)
{
	for (size_t i = 0; i < f->count; i++) {
		if (word_is(option, f->wishes[i].option))
			return &f->wishes[i];
	}
	return NULL;
}

static struct kconfig_wish *append(struct fragment *f)
{
	struct kconfig_wish *more = reallocarray(f->wishes, f->count + 1, sizeof(*more));

	if (!more)
		return NULL;
	f->wishes = more;
	more[f->count] = (struct kconfig_wish){ 0 };
	return &more[f->count++];
}

static void wish_finish(struct kconfig_wish *w)
{
	free(w->option);
	free(w->value);
	free(w->origin);
}

static int wish(struct fragment *f, struct word option, struct word value, const char *name,
		int line)
{
	struct kconfig_wish *w = find(f, option);
	struct kconfig_wish new = {
		.option = strndup(option.at, option.len),
		.value = strndup(value.at, value.len),
		.origin = text_printf("%s:%d", name, line),
	};

	if (new.option &&new.value &&new.origin && !w)
		w = append(f);
	if (!new.option || !new.value || !new.origin || !w) {
		wish_finish(&new);
		return -ENOMEM;
	}
	wish_finish(w);
	*w = new;
	return 0;
}

static int add_line(struct fragment *f, const char *line, const char *name, int number,
		    struct kernel_version version, struct diag *d)
{
	struct word option, value;
	const char *rest;
	bool counts;
	int err;

	if (!split(line, &option, &value, &rest)) {
		if (!*line || *line == '#')
			return 0;
		return diag_set(d, GEMRACE_USAGE, EINVAL, "%s:%d: no Kconfig line: %s", name,
				number, line);
	}
	if (condition(rest, version, &counts))
		return diag_set(d, GEMRACE_USAGE, EINVAL,
				"%s:%d: expected '# since VERSION' or '# until VERSION': %s", name,
				number, line);
	err = counts ? wish(f, option, value, name, number) : 0;
	return err ? diag_set(d, GEMRACE_HARNESS, -err, "out of memory") : 0;
}

int fragment_add(struct fragment *fragment, const char *name, const char *text,
		 struct kernel_version version, struct diag *d)
{
	_cleanup_free_ char *copy = strdup(text);
	char *line = copy, *end;
	int err = 0;

	if (!copy)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	for (int number = 1; line && !err; number++, line = end) {
		size_t n = strcspn(line, "\n");

		end = line[n] ? line + n + 1 : NULL;
		while (n && isspace((unsigned char)line[n - 1]))
			n--;
		line[n] = '\0';
		err = add_line(fragment, line, name, number, version, d);
	}
	return err;
}

void fragment_write(const struct fragment *fragment, FILE *f)
{
	for (size_t i = 0; i < fragment->count; i++) {
		const struct kconfig_wish *w = &fragment->wishes[i];

		if (strcmp(w->value, "n"))
			fprintf(f, "%s=%s\n", w->option, w->value);
		else
			fprintf(f, "# %s" NOT_SET "\n", w->option);
	}
}

size_t fragment_check(const struct fragment *fragment, const char *dotconfig,
		      void (*dropped)(void *data, const struct kconfig_wish *wish, const char *got),
		      void *data)
{
	size_t count = 0;

	for (size_t i = 0; i < fragment->count; i++) {
		const struct kconfig_wish *w = &fragment->wishes[i];
		_cleanup_free_ char *got = NULL;
		size_t n = strlen(w->option);

		for (const char *s = dotconfig; s && !got; s = strchr(s, '\n')) {
			s += *s == '\n';
			if (!strncmp(s, w->option, n) && s[n] == '=')
				got = strndup(s + n + 1, strcspn(s + n + 1, "\n"));
		}
		if (strcmp(got ? got : "n", w->value)) {
			count++;
			dropped(data, w, got ? got : "n");
		}
	}
	return count;
}

void fragment_finish(struct fragment *fragment)
{
	for (size_t i = 0; i < fragment->count; i++)
		wish_finish(&fragment->wishes[i]);
	free(fragment->wishes);
	*fragment = (struct fragment){ 0 };
}
