// SPDX-License-Identifier: MIT
#include "prove/patch.h"

#include "build/tool.h"
#include "diag.h"
#include "fetch/file.h"
#include "prove/mutant.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Coccinelle takes well under a second for a file of DRM; a rule that explodes is a bad rule. */
#define SPATCH_TIMEOUT_S 60

static int run_spatch(const struct mutant *m, const char *const *argv, char **ret_said,
		      struct diag *d)
{
	const struct tool tool = { .argv = argv, .timeout_s = SPATCH_TIMEOUT_S, .cancel_fd = -1 };
	int status = tool_run(&tool, ret_said);

	if (status == -ENOENT || status == 127)
		return diag_set(d, GEMRACE_HARNESS, ENOENT,
				"no spatch to apply mutants with: install coccinelle");
	if (status == -ETIMEDOUT)
		return diag_set(d, GEMRACE_USAGE, ETIMEDOUT, "%s: spatch took over %d s", m->path,
				SPATCH_TIMEOUT_S);
	if (status < 0)
		return diag_set(d, GEMRACE_HARNESS, -status, "spatch: %s", strerror(-status));
	return status;
}

int patch_check(const struct mutant *m, struct diag *d)
{
	const char *const argv[] = { "spatch", "--parse-cocci", m->path, NULL };
	_cleanup_free_ char *said = NULL;
	int status = run_spatch(m, argv, &said, d);

	if (status > 0)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "%s does not parse: %s", m->path, said);
	return status;
}

static int apply_to(const struct mutant *m, const char *file, const char *source, const char *dest,
		    struct diag *d)
{
	_cleanup_free_ char *from = text_printf("%s/%s", source, file), *said = NULL;
	_cleanup_free_ char *to = text_printf("%s/%s", dest, file);
	const char *const argv[] = { "spatch",
				     "--very-quiet",
				     "--no-includes",
				     "--no-show-diff",
				     "--sp-file",
				     m->path,
				     from,
				     "-o",
				     to,
				     NULL };
	char *slash = to ? strrchr(to, '/') : NULL;
	int status, err, same;

	if (!from || !slash)
		return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	if (access(from, R_OK))
		return diag_set(d, GEMRACE_USAGE, ENOENT, "%s: this kernel's source has no %s",
				m->path, file);
	*slash = '\0';
	err = file_make_folder(to);
	*slash = '/';
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", to, strerror(-err));
	status = run_spatch(m, argv, &said, d);
	if (status < 0)
		return status;

	/* Its exit status tells nothing: 0 or 255 where no rule matched. Only the file tells. */
	if (access(to, R_OK))
		return diag_set(d, GEMRACE_USAGE, ENOENT, "%s does not apply to %s", m->path, file);
	same = file_same(from, to);
	if (same < 0)
		return diag_set(d, GEMRACE_HARNESS, -same, "%s: %s", to, strerror(-same));
	if (same)
		return diag_set(d, GEMRACE_USAGE, EINVAL, "%s changes nothing in %s", m->path,
				file);
	return 0;
}

int patch_apply(const struct mutant *m, const char *source, const char *dest, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; !err && m->files[i]; i++)
		err = apply_to(m, m->files[i], source, dest, d);
	return err;
}
