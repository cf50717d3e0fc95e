// SPDX-License-Identifier: MIT
#include "build/output.h"

#include "build/module.h"
#include "build/tree.h"
#include "diag.h"
#include "fetch/file.h"
#include "kbuild/make.h"
#include "kbuild/shadow.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What configuring leaves in the folder that `gemrace kernel build` builds in, and nobody else. */
#define OUTPUT_MARK "gemrace.config"

static int no_memory(struct diag *d)
{
	return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
}

int output_is_ours(const struct kernel *kernel)
{
	_cleanup_free_ char *mark = text_printf("%s/build/" OUTPUT_MARK, kernel->modules_dir);

	return mark && !access(mark, R_OK);
}

/* RESULT/lib/modules/RELEASE without its last three parts. */
static char *result_of(const char *modules_dir)
{
	char *path = realpath(modules_dir, NULL);

	for (int i = 0; path && i < 3; i++)
		*strrchr(path, '/') = '\0';
	return path;
}

/* What is in the folder must belong to the kernel that is to be changed. */
static int check_config(const struct module_tree *t, struct diag *d)
{
	_cleanup_free_ char *ours = text_printf("%s/config", t->result), *a = NULL, *b = NULL;
	_cleanup_free_ char *theirs = text_printf("%s/.config", t->output);
	int err;

	err = ours && theirs ? file_read(ours, &a, NULL) : -ENOMEM;
	if (!err)
		err = file_read(theirs, &b, NULL);
	if (err)
		return diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", ours ? ours : "config",
				strerror(-err));
	return !strcmp(a, b) ? 0
			     : diag_set(d, GEMRACE_USAGE, ESTALE,
					"%s has been configured anew since %s was built there: "
					"remove the latter and build it again",
					t->output, t->result);
}

int output_open(const struct kernel *kernel, struct module_tree *t, struct diag *d)
{
	_cleanup_free_ char *build = text_printf("%s/build", kernel->modules_dir), *source = NULL;
	int err;

	t->result = result_of(kernel->modules_dir);
	t->output = build ? realpath(build, NULL) : NULL;
	source = t->output ? text_printf("%s/source", t->output) : NULL;
	t->source = source ? realpath(source, NULL) : NULL;
	t->lock = t->output ? text_printf("%s.lock", t->output) : NULL;
	if (!t->result || !t->output || !t->lock)
		return no_memory(d);
	if (!t->source)
		return diag_set(d, GEMRACE_USAGE, ENOENT, "the source of %s is gone", t->output);
	/* A tree is used where it is, and may have moved on. */
	err = tree_check_version(t->source, t->release, d);
	return err ? err : check_config(t, d);
}

int output_build(const struct module_tree *t, const struct kernel_module *module,
		 const char *changed, char *const *files, char **ret_built, struct diag *d)
{
	_cleanup_free_ char *log = text_printf("%s/log", t->dir);
	const char *targets[] = { module->target ? "modules" : "bzImage", NULL };
	struct kbuild k = {
		.source = t->source,
		.output = t->output,
		.log = log,
		.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN),
		.cancel_fd = t->cancel_fd,
		/* no notifier: what make says on its way is for the log */
	};
	struct diag why = { .status = GEMRACE_HARNESS };
	int err;

	*ret_built = module->target
			     ? text_printf("%s/drivers/gpu/drm/%s", t->output, module->target)
			     : text_printf("%s/arch/x86/boot/bzImage", t->output);
	if (!log || !*ret_built)
		return no_memory(d);
	unlink(log);
	err = changed ? shadow_set(t->output, changed, files, d) : shadow_clear(t->output, d);
	if (err)
		return err;
	err = kbuild_make(&k, *targets, targets, &why);
	if (!err)
		return 0;
	/* Kernel code that does not compile is the mutant's fault; a full disk is not. */
	return diag_set(d,
			err == -EINTR || !changed || strstr(why.text, "No space left")
				? GEMRACE_HARNESS
				: GEMRACE_USAGE,
			-err, "%s", why.text);
}

int output_complete(const struct module_tree *t, const char *bzimage, struct diag *d)
{
	_cleanup_free_ char *lib = text_printf("%.*s/lib", (int)(strrchr(bzimage, '/') - bzimage),
					       bzimage);
	_cleanup_free_ char *target = text_printf("%s/lib", t->result);

	if (!lib || !target)
		return no_memory(d);
	return symlink(target, lib) && errno != EEXIST
		       ? diag_set(d, GEMRACE_HARNESS, errno, "%s: %s", lib, strerror(errno))
		       : 0;
}
