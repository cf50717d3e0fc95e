// SPDX-License-Identifier: MIT
/* kernel_build() on a source tree whose Makefile plays kbuild: all but the compiling is real. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diag.h"
#include "fetch/file.h"
#include "kbuild/build.h"
#include "kbuild/result.h"
#include "kbuild/toolchain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leaves out what compile.sh's first line names, as Kconfig would. */
static const char makefile[] =
	"VERSION = 7\n"
	"PATCHLEVEL = 2\n"
	"allnoconfig:\n"
	"\tgrep -v \"^$$(head -n 1 compile.sh | cut -c3-)=\" $(KCONFIG_ALLCONFIG) > $(O)/.config\n"
	"bzImage:\n"
	"\tmkdir -p $(O)/arch/x86/boot\n"
	"\tsh compile.sh\n"
	"\tcp compile.sh $(O)/arch/x86/boot/bzImage\n"
	"\techo run >> $(O)/runs\n"
	"\ttouch $(O)/System.map\n"
	"modules:\n"
	"modules_install:\n"
	"\tmkdir -p $(INSTALL_MOD_PATH)/lib/modules/7.2.0-fake\n";

struct fixture {
	char root[64], source[80], fragments[80], cache[80];
	struct kernel_build_request req;
	char notes[4096];
	char *folder;
	struct diag d;
};

static void put(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_write_atomically(path, text, strlen(text)), 0);
}

static void keep_note(void *data, const char *line)
{
	struct fixture *f = data;
	size_t n = strlen(f->notes);

	snprintf(f->notes + n, sizeof(f->notes) - n, "%s\n", line);
}

static int setup(void **state)
{
	static const char *const fragments[] = { "base", "drm", "debug", "kasan", "kcsan" };
	struct fixture *f = calloc(1, sizeof(*f));
	char path[128];

	strcpy(f->root, "/tmp/gemrace-kbuild-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(f->source, sizeof(f->source), "%s/linux", f->root);
	snprintf(f->fragments, sizeof(f->fragments), "%s/fragments", f->root);
	snprintf(f->cache, sizeof(f->cache), "%s/cache", f->root);
	snprintf(path, sizeof(path), "%s/arch/x86", f->source);
	assert_int_equal(file_make_folder(path), 0);
	assert_int_equal(file_make_folder(f->fragments), 0);
	assert_int_equal(file_make_folder(f->cache), 0);
	put(f->source, "Makefile", makefile);
	put(f->source, "Kconfig", "");
	put(f->source, "compile.sh", "# NOTHING\n");
	for (size_t i = 0; i < 5; i++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "%s.config", fragments[i]);
		snprintf(text, sizeof(text), "CONFIG_%s=y\n", fragments[i]);
		put(f->fragments, name, text);
	}
	f->req = (struct kernel_build_request){
		.source = f->source,
		.fragments = f->fragments,
		.cache = f->cache,
		.jobs = 1,
		.notifier = { .note = keep_note, .data = f },
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	file_remove_tree(f->root);
	free(f->folder);
	free(f);
	return 0;
}

static int build(struct fixture *f)
{
	free(f->folder);
	f->folder = NULL;
	f->notes[0] = '\0';
	return kernel_build(&f->req, &f->folder, &f->d);
}

static void expect_file(const char *folder, const char *name, const char *text)
{
	_cleanup_free_ char *path = text_printf("%s/%s", folder, name);
	_cleanup_free_ char *got = NULL;

	assert_int_equal(file_read(path, &got, NULL), 0);
	if (text)
		assert_string_equal(got, text);
}

static void expect_missing(const char *folder, const char *name)
{
	_cleanup_free_ char *path = text_printf("%s/%s", folder, name);

	assert_int_not_equal(access(path, F_OK), 0);
}

/* Neither a result nor a part of one. */
static void expect_no_result(struct fixture *f)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/kernels", f->cache);
	assert_int_equal(rmdir(path), 0); /* only an empty folder goes */
}

static void a_result_is_complete_and_used_again(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *first = NULL;

	assert_int_equal(build(f), 0);
	assert_non_null(strstr(f->notes, "building in "));
	expect_file(f->folder, "bzImage", "# NOTHING\n");
	expect_file(f->folder, "config",
		    "CONFIG_base=y\nCONFIG_drm=y\nCONFIG_debug=y\nCONFIG_kasan=y\n");
	expect_file(f->folder, "System.map", "");
	first = strdup(f->folder);
	assert_int_equal(build(f), 0);
	assert_non_null(strstr(f->notes, "built before: "));
	assert_string_equal(first, f->folder);
}

static void what_goes_in_names_the_result(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *first = NULL, *second = NULL;

	assert_int_equal(build(f), 0);
	first = strdup(f->folder);
	put(f->fragments, "drm.config", "CONFIG_drm=m\n");
	assert_int_equal(build(f), 0);
	assert_string_not_equal(first, f->folder);
	second = strdup(f->folder);
	f->req.flavour = "kcsan";
	assert_int_equal(build(f), 0);
	assert_string_not_equal(second, f->folder);
	expect_file(f->folder, "config",
		    "CONFIG_base=y\nCONFIG_drm=m\nCONFIG_debug=y\nCONFIG_kcsan=y\n");
}

static void a_failed_build_says_why_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	put(f->source, "compile.sh", "# NOTHING\necho 'x.c:1:2: error: no such thing'; exit 1\n");
	assert_int_equal(build(f), -EIO);
	assert_int_equal(f->d.status, GEMRACE_HARNESS);
	assert_non_null(strstr(f->d.text, "x.c:1:2: error: no such thing"));
	assert_non_null(strstr(f->d.text, ".log"));
	expect_no_result(f);

	put(f->source, "compile.sh", "# NOTHING\n");
	assert_int_equal(build(f), 0);
}

static void a_dropped_option_is_named(void **state)
{
	struct fixture *f = *state;

	put(f->source, "compile.sh", "# CONFIG_drm\n");
	assert_int_equal(build(f), -EINVAL);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
	assert_non_null(strstr(f->d.text, "dropped 1 option"));
	assert_non_null(strstr(f->d.text, "CONFIG_drm"));
	assert_non_null(strstr(f->notes, "drm.config:1: CONFIG_drm=y asked for, n came out"));
}

static void an_interrupted_build_is_not_taken_for_done(void **state)
{
	struct fixture *f = *state;

	/* make's parent is us; the signal arrives while make runs. */
	put(f->source, "compile.sh",
	    "# NOTHING\ntest -e ../again && exit 0\ntouch ../again\n"
	    "kill -TERM $(cut -d' ' -f4 /proc/$PPID/stat)\nsleep 60\n");
	assert_int_equal(build(f), -EINTR);
	assert_int_equal(f->d.status, GEMRACE_HARNESS);
	expect_no_result(f);
	assert_int_equal(build(f), 0);
	assert_non_null(strstr(f->notes, "building in "));
}

static void a_source_that_changes_meanwhile_is_an_error(void **state)
{
	struct fixture *f = *state;

	put(f->source, "compile.sh", "# NOTHING\necho >> Kconfig\n");
	assert_int_equal(build(f), -ESTALE);
	assert_int_equal(f->d.status, GEMRACE_HARNESS);
}

static void a_copy_is_put_where_nothing_is(void **state)
{
	struct fixture *f = *state;
	char target[128];

	assert_int_equal(build(f), 0);
	snprintf(target, sizeof(target), "%s/copy", f->root);
	assert_int_equal(kbuild_target_check(target, &f->d), 0);
	assert_int_equal(kbuild_copy_result(f->folder, target, -1, &f->d), 0);
	expect_file(target, "bzImage", "# NOTHING\n");
	expect_missing(f->root, "copy.partial");
	assert_int_equal(kbuild_copy_result(f->folder, target, -1, &f->d), -EEXIST);

	snprintf(target, sizeof(target), "%s/slash/", f->root);
	assert_int_equal(kbuild_copy_result(f->folder, target, -1, &f->d), 0);
	expect_file(target, "bzImage", "# NOTHING\n");
	snprintf(target, sizeof(target), "%s/slash", f->root);
	assert_int_equal(kbuild_copy_result(f->folder, target, -1, &f->d), -EEXIST);
	assert_int_equal(f->d.status, GEMRACE_USAGE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_result_is_complete_and_used_again),
		TEST(what_goes_in_names_the_result),
		TEST(a_failed_build_says_why_and_leaves_nothing),
		TEST(a_dropped_option_is_named),
		TEST(an_interrupted_build_is_not_taken_for_done),
		TEST(a_source_that_changes_meanwhile_is_an_error),
		TEST(a_copy_is_put_where_nothing_is),
	};
	char *toolchain;
	struct diag d;

	if (toolchain_check(&toolchain, &d)) {
		printf("skipped: %s\n", d.text);
		return 77;
	}
	free(toolchain);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
