// SPDX-License-Identifier: MIT
#include "prove/boot.h"

#include "build/tool.h"
#include "diag.h"
#include "fetch/file.h"
#include "results/document.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A command line that grows; strings are its own. */
struct command {
	char **at;
	size_t count;
	bool failed;
};

static void add(struct command *c, char *word)
{
	char **at = word ? reallocarray(c->at, c->count + 2, sizeof(*at)) : NULL;

	if (!at) {
		free(word);
		c->failed = true;
		return;
	}
	at[c->count++] = word;
	at[c->count] = NULL;
	c->at = at;
}

static void add_option(struct command *c, const char *name, char *value)
{
	add(c, strdup(name));
	add(c, value);
}

static void finish(struct command *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i]);
	free(c->at);
}

char *boot_pattern_regex(const char *pattern)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("^igt@", f);
	for (; *pattern; pattern++) {
		if (*pattern == '*')
			fputs(".*", f);
		else if (*pattern == '?')
			fputc('.', f);
		else
			fprintf(f, "%s%c",
				isalnum((unsigned char)*pattern) || strchr("_-@", *pattern) ? ""
											    : "\\",
				*pattern);
	}
	fputc('$', f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static char *join(char *const *words)
{
	char *text = strdup(*words);

	while (text && *++words) {
		char *longer = text_printf("%s,%s", text, *words);

		free(text);
		text = longer;
	}
	return text;
}

static const char *accel_word(enum vm_accel accel)
{
	switch (accel) {
	case VM_ACCEL_KVM:
		return "kvm";
	case VM_ACCEL_TCG:
		return "tcg";
	case VM_ACCEL_TCG_SINGLE:
		return "tcg-single";
	case VM_ACCEL_AUTO:
		break;
	}
	return "auto";
}

static void make_command(const struct boot *b, struct command *c)
{
	const struct options *o = b->options;

	add(c, realpath("/proc/self/exe", NULL));
	add(c, strdup("vm"));
	add_option(c, "--results", strdup(b->dir));
	add(c, strdup("--overwrite"));
	add_option(c, "--devices", join(b->devices));
	add_option(c, "--accel", strdup(accel_word(o->accel)));
	add_option(c, "--cpus", text_printf("%d", o->cpus));
	add_option(c, "--memory", text_printf("%d", o->memory_mib));
	if (o->kernel)
		add_option(c, "--kernel", strdup(o->kernel));
	if (b->modules)
		add_option(c, "--modules", strdup(b->modules));
	if (o->append)
		add_option(c, "--append", strdup(o->append));
	if (o->profile)
		add_option(c, "--profile", strdup(o->profile));
	if (o->race_time_s >= 0)
		add_option(c, "--race-time", text_printf("%g", o->race_time_s));
	if (o->timeout_s)
		add_option(c, "--timeout", text_printf("%d", o->timeout_s));
	for (size_t i = 0; i < o->include.count; i++)
		add_option(c, "--test", strdup(o->include.at[i]));
	for (size_t i = 0; b->tests && b->tests[i]; i++)
		add_option(c, "--test", boot_pattern_regex(b->tests[i]));
}

int boot_run(const struct boot *b, json_t **ret, struct diag *d)
{
	_cleanup_free_ char *results = text_printf("%s/results.json", b->dir), *said = NULL;
	_cleanup_free_ char *log = text_printf("%s.log", b->dir);
	struct command c = { 0 };
	int status;

	make_command(b, &c);
	if (c.failed || !results || !log) {
		finish(&c);
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	}
	/* what an earlier run left here must never be read as this boot's */
	if (unlink(results) && errno != ENOENT && errno != ENOTDIR) {
		finish(&c);
		return diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", results, strerror(errno));
	}
	status = tool_run(&(struct tool){ .argv = (const char *const *)c.at,
					  .log = log,
					  .cancel_fd = b->cancel_fd },
			  &said);
	finish(&c);
	if (status == -EINTR)
		return diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (status < 0)
		return diag_set(d, GEMRACE_HARNESS, -status, "gemrace vm: %s", strerror(-status));
	if (status == GEMRACE_USAGE || access(results, R_OK))
		return diag_set(d, status == GEMRACE_USAGE ? GEMRACE_USAGE : GEMRACE_HARNESS, EIO,
				"%s (log: %s)", said, log);
	return results_load(results, ret, d);
}
