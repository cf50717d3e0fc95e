// SPDX-License-Identifier: MIT
/*
 * The self-tests that make the kernel cry: the module they need, and what their records must hold.
 */
#include "build/module.h"
#include "build/outside.h"
#include "cmd/expect.h"
#include "cmd/vm.h"
#include "diag.h"
#include "fetch/file.h"
#include "known/cause.h"
#include "results/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int selftest_cry_module(struct session *s, struct machine_parts *parts, struct diag *d)
{
	_cleanup_free_ char *folder = text_printf("%s/cry", s->places.selftest);
	const struct strings *add = &s->options->add;
	const struct module_tree_request request = {
		.kernel = &parts->kernel,
		.cache = parts->cache,
		.cancel_fd = s->cancel.fd,
		.notifier = machine_notifier(s),
	};
	int err;

	if (!folder)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	err = outside_module_build(&request, folder, "cry", &parts->module, d);
	if (err == -ENOEXEC || err == -EINTR)
		return err;
	if (err) {
		progress_note(&s->progress, "no cries    %s", d->text);
		return 0;
	}
	for (size_t i = 0; i < add->count && !err; i++)
		err = strings_add(&parts->extra, add->at[i]);
	err = err ? err : strings_add(&parts->extra, parts->module);
	return err ? diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory") : 0;
}

static bool says(const json_t *test, const char *text)
{
	const char *out = json_string_value(json_object_get(test, "out"));

	return out && strstr(out, text);
}

/* The report of the cry (splat_report()): what, where, in whom. */
static const char *report_problem(const json_t *test, const char *cry)
{
	const char *out = json_string_value(json_object_get(test, "out")), *at, *end;
	static const char module[] = ", module cry\n";
	char head[256];

	snprintf(head, sizeof(head), "%s\n", cry);
	at = out ? strstr(out, head) : NULL;
	if (!at)
		return "without its cry";
	at += strlen(head);
	end = strchr(at, '\n');
	if (!end || end + 1 - at < (ptrdiff_t)strlen(module) ||
	    strncmp(end + 1 - strlen(module), module, strlen(module)))
		return "without its module";
	at = strstr(at, ", in selftest_cries (pid ");
	return at && at < end ? NULL : "without its task";
}

/*
 * A cry is found twice, in the kernel log and in the test's own words; nothing else may be there.
 */
static const char *other_cause(const json_t *test, const char *cry, char *buf, size_t size)
{
	const char *title = strstr(cry, ": ") + 2;
	struct causes causes;
	bool more = causes_of(test, &causes);

	snprintf(buf, size, "%s", "out of memory");
	for (size_t i = 0; !more && i < causes.count; i++) {
		more = strcmp(causes.at[i].text, title);
		if (more)
			snprintf(buf, size, "with more than its cry: %s", causes.at[i].text);
	}
	causes_finish(&causes);
	return more ? buf : NULL;
}

bool selftest_may_skip(const json_t *test, const struct expectation *e, bool has_module)
{
	const char *needs = expectation_needs(e);
	char lacks[64];

	if (strcmp(results_word(test), "skip"))
		return false;
	snprintf(lacks, sizeof(lacks), "no %s in this kernel", needs ? needs : "?");
	return (needs && says(test, lacks)) ||
	       (!has_module && says(test, "no module that cries for this kernel"));
}

const char *selftest_cry_problem(const json_t *test, const char *cry, char *buf, size_t size)
{
	return report_problem(test, cry) ?: other_cause(test, cry, buf, size);
}
