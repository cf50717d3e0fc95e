// SPDX-License-Identifier: MIT
/*
 * mutant_build() on a kernel whose Makefile plays kbuild: patching, caching and what is left behind
 * are real, only the compiler is not. Needs Coccinelle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "build/module.h"
#include "build/tree.h"
#include "diag.h"
#include "fetch/file.h"
#include "fetch/space.h"
#include "kbuild/shadow.h"
#include "prove/mutant.h"
#include "prove/prepare.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GEM "drivers/gpu/drm/drm_gem.c"

/* As kbuild does, looks in its own folder first. A file with "bad" in it does not compile. */
static const char makefile[] =
	"VERSION = 7\n"
	"PATCHLEVEL = 2\n"
	"SUBLEVEL = 0\n"
	"modules bzImage:\n"
	"\techo run >> $(O)/runs\n"
	"\tf=$(O)/" GEM "; test -e $$f || f=" GEM ";"
	" if grep -q bad $$f; then echo \"$$f:1:1: error: bad\"; exit 1; fi;"
	" grep -v '^//' $$f > $(O)/drivers/gpu/drm/drm.ko; cp $$f $(O)/arch/x86/boot/bzImage\n";

static const char header[] = "// Title: t\n// Origin: o\n// File: " GEM "\n// Kernels: 6.1-\n"
			     "// Kind: det\n// Devices: vgem\n";

struct fixture {
	char root[64];
	char *output, *modules_dir, release[8];
	struct kernel kernel;
	struct module_tree tree;
	struct mutant mutant;
	struct prepared prepared;
	struct diag d;
};

static void put(const char *root, const char *name, const char *text)
{
	_cleanup_free_ char *path = text_printf("%s/%s", root, name), *folder = strdup(path);

	*strrchr(folder, '/') = '\0';
	assert_int_equal(file_make_folder(folder), 0);
	assert_int_equal(file_write_atomically(path, text, strlen(text)), 0);
}

static void put_link(const char *root, const char *name, const char *target)
{
	_cleanup_free_ char *path = text_printf("%s/%s", root, name);

	assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	_cleanup_free_ char *source = NULL;

	strcpy(f->root, "/tmp/gemrace-prove-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	put(f->root, "linux/Makefile", makefile);
	put(f->root, "linux/" GEM, "int f(void)\n{\n\tget();\n\treturn 0;\n}\n");
	put(f->root, "out/.config", "CONFIG_DRM=m\n");
	put(f->root, "out/gemrace.config", "");
	put(f->root, "out/drivers/gpu/drm/x", "");
	put(f->root, "out/arch/x86/boot/x", "");
	put(f->root, "kernels/k/config", "CONFIG_DRM=m\n");
	put(f->root, "kernels/k/lib/modules/7.2.0/x", "");
	strcpy(f->release, "7.2.0");
	f->output = text_printf("%s/out", f->root);
	f->modules_dir = text_printf("%s/kernels/k/lib/modules/7.2.0", f->root);
	source = text_printf("%s/linux", f->root);
	put_link(f->root, "out/source", source);
	put_link(f->modules_dir, "build", f->output);
	f->kernel = (struct kernel){ .modules_dir = f->modules_dir, .release = f->release };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	prepared_finish(&f->prepared);
	mutant_finish(&f->mutant);
	module_tree_close(&f->tree);
	file_remove_tree(f->root);
	free(f->output);
	free(f->modules_dir);
	free(f);
	return 0;
}

static int open_tree(struct fixture *f)
{
	return module_tree_open(&(struct module_tree_request){ .kernel = &f->kernel,
							       .cache = f->root,
							       .cancel_fd = -1 },
				&f->tree, &f->d);
}

/* Builds the mutant that the rule makes, of the part called @module. */
static int build(struct fixture *f, const char *module, const char *rule)
{
	_cleanup_free_ char *text = text_printf("%s// Module: %s\n\n%s", header, module, rule);
	_cleanup_free_ char *path = text_printf("%s/m.cocci", f->root);

	prepared_finish(&f->prepared);
	mutant_finish(&f->mutant);
	put(f->root, "m.cocci", text);
	assert_int_equal(mutant_parse(path, text, &f->mutant, &f->d), 0);
	return mutant_build(&f->tree, &f->mutant, &f->prepared, &f->d);
}

static int runs(const struct fixture *f)
{
	_cleanup_free_ char *path = text_printf("%s/out/runs", f->root), *text = NULL;
	size_t size = 0;

	return file_read(path, &text, &size) ? 0 : size / strlen("run\n");
}

#define DROP "@@ @@\n- get();\n"

static void a_mutant_becomes_a_module(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = NULL, *text = NULL;

	assert_int_equal(open_tree(f), 0);
	assert_int_equal(build(f, "drm", DROP), 0);
	assert_null(f->prepared.kernel);
	path = text_printf("%s/drm.ko", f->prepared.modules);
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_null(strstr(text, "get()"));
	assert_int_equal(runs(f), 2); /* the mutant, and the stock module to compare with */
	assert_int_equal(build(f, "drm", DROP), 0);
	assert_int_equal(runs(f), 2); /* kept */
}

static void a_mutant_becomes_a_kernel(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *path = NULL;

	assert_int_equal(open_tree(f), 0);
	assert_int_equal(build(f, "vmlinux", DROP), 0);
	assert_null(f->prepared.modules);
	path = text_printf("%s/lib/modules/7.2.0", f->prepared.kernel);
	assert_int_equal(access(path, F_OK), 0);
}

/* Each is GEMRACE_USAGE, and the line says which step failed. */
static void a_bad_mutant_is_named(void **state)
{
	static const struct {
		const char *rule, *says;
	} cases[] = {
		{ "@@ @@\n- get(;\n", "does not parse" },
		{ "@@ @@\n- put();\n", "does not apply to " GEM },
		{ "@@ @@\n- get();\n+ bad();\n", "error: bad" },
		{ "@@ @@\n- get();\n+ get ();\n", "changes nothing" },
	};
	struct fixture *f = *state;

	assert_int_equal(open_tree(f), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(build(f, "drm", cases[i].rule) < 0);
		if (!strstr(f->d.text, cases[i].says))
			fail_msg("'%s' does not say '%s'", f->d.text, cases[i].says);
		assert_int_equal(f->d.status, GEMRACE_USAGE);
	}
	/* nothing of them is taken for built */
	assert_int_equal(build(f, "drm", DROP), 0);
}

static void a_build_folder_that_moved_on_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f->root, "out/.config", "CONFIG_DRM=y\n");
	assert_int_equal(open_tree(f), -ESTALE);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
	assert_non_null(strstr(f->d.text, "configured anew"));
}

static void a_source_of_another_version_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f->root, "linux/Makefile", "VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = 0\n");
	assert_int_equal(open_tree(f), -ESTALE);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
	assert_non_null(strstr(f->d.text, "the source is 7.3.0, the kernel is 7.2.0"));
}

static void a_longer_number_is_another_version(void **state)
{
	static const struct {
		const char *release;
		int err;
	} cases[] = {
		{ "7.2.0", 0 },        { "7.2.0+deb14-amd64", 0 }, { "7.2.0-rc1-gemrace", 0 },
		{ "7.2.01", -ESTALE }, { "7.2.1", -ESTALE },       { "7.20.0", -ESTALE },
	};
	struct fixture *f = *state;
	_cleanup_free_ char *source = text_printf("%s/linux", f->root);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(tree_check_version(source, cases[i].release, &f->d), cases[i].err);
}

/* What an interrupted build left in the folder does not get into the next one. */
static void an_interrupted_build_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	char *files[] = { (char *)GEM, NULL };
	_cleanup_free_ char *other = text_printf("%s/patched", f->root);
	_cleanup_free_ char *left = text_printf("%s/out/" GEM, f->root);

	put(f->root, "patched/" GEM, "other\n");
	assert_int_equal(shadow_set(f->output, other, files, &f->d), 0);
	assert_int_equal(access(left, F_OK), 0);
	assert_int_equal(open_tree(f), 0);
	assert_int_equal(build(f, "drm", DROP), 0);
	assert_int_equal(shadow_clear(f->output, &f->d), 0);
	assert_int_not_equal(access(left, F_OK), 0);
	assert_int_equal(shadow_clear(f->output, &f->d), 0);
}

static void the_version_is_the_makefiles(void **state)
{
	char version[16];

	assert_int_equal(tree_makefile_version("VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\n",
					       version, sizeof(version)),
			 0);
	assert_string_equal(version, "6.12.117");
	assert_int_equal(tree_makefile_version("VERSION = 6\n", version, sizeof(version)), -EINVAL);
}

static void no_space_is_said_before(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(space_check(f->root, UINT_MAX, "a build", &f->d), -ENOSPC);
	assert_int_equal(f->d.status, GEMRACE_HARNESS);
	assert_non_null(strstr(f->d.text, "a build"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_mutant_becomes_a_module),
		TEST(a_mutant_becomes_a_kernel),
		TEST(a_bad_mutant_is_named),
		TEST(a_build_folder_that_moved_on_is_refused),
		TEST(a_source_of_another_version_is_refused),
		TEST(a_longer_number_is_another_version),
		TEST(an_interrupted_build_leaves_nothing),
		TEST(the_version_is_the_makefiles),
		TEST(no_space_is_said_before),
	};

	if (system("spatch --version >/dev/null 2>&1"))
		return 77; /* meson: skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
