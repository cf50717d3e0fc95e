// SPDX-License-Identifier: MIT
/* Reports of kmemleak as kernels print them, whole and cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sys/kmemleak.h"

static const char report[] =
	"unreferenced object 0xffff888003a5d200 (size 96):\n"
	"  comm \"error_paths\", pid 812, jiffies 4294912345\n"
	"  hex dump (first 32 bytes):\n"
	"    01 00 00 00 00 00 00 00 60 4f a2 03 80 88 ff ff  ........`O......\n"
	"  backtrace (crc 7a1b22c1):\n"
	"    kmemleak_alloc+0x45/0x60\n"
	"    __kmalloc_cache_noprof+0x2a1/0x3c0\n"
	"    drm_syncobj_create+0x51/0x1f0 [drm]\n"
	"    drm_syncobj_create_ioctl+0x9c/0x110 [drm]\n"
	"    drm_ioctl_kernel+0x138/0x220 [drm]\n"
	"    drm_ioctl+0x331/0x7a0 [drm]\n"
	"    __x64_sys_ioctl+0x12d/0x190\n"
	"unreferenced object 0xffff888003a5d300 (size 8):\n"
	"  comm \"kworker/0:1\", pid 12, jiffies 4294912346 (age 7.500s)\n"
	"  backtrace:\n"
	"    [<00000000a1b2c3d4>] kmem_cache_alloc+0x1a/0x30\n"
	"    [<00000000a1b2c3d5>] strange+0x1/0x2\n";

static void parsed(void **state)
{
	char first[160];

	assert_int_equal(sys_kmemleak_parse(report, "error_paths", first, sizeof(first)), 1);
	assert_string_equal(first, "96 bytes of drm_syncobj_create < drm_syncobj_create_ioctl < "
				   "drm_ioctl_kernel < drm_ioctl");
	assert_int_equal(sys_kmemleak_parse(report, NULL, first, sizeof(first)), 2);
	assert_int_equal(sys_kmemleak_parse(report, "kworker/0:1", first, sizeof(first)), 1);
	assert_string_equal(first, "8 bytes of strange");
	assert_int_equal(sys_kmemleak_parse(report, "nobody", first, sizeof(first)), 0);
	assert_string_equal(first, "");
	assert_int_equal(sys_kmemleak_parse("", NULL, first, sizeof(first)), 0);
}

static void one_by_one(void **state)
{
	struct sys_kmemleak_object object;
	const char *rest = sys_kmemleak_next(report, &object);

	assert_non_null(rest);
	assert_int_equal(object.size, 96);
	assert_string_equal(object.comm, "error_paths");
	assert_int_equal(object.pid, 812);
	assert_int_equal(object.jiffies, 4294912345);
	rest = sys_kmemleak_next(rest, &object);
	assert_non_null(rest);
	assert_int_equal(object.size, 8);
	assert_string_equal(object.comm, "kworker/0:1");
	assert_int_equal(object.jiffies, 4294912346);
	assert_string_equal(object.where, "strange");
	assert_null(sys_kmemleak_next(rest, &object));

	/* A name may hold what the line ends with; a percpu object says so; the rest was cut off. */
	rest = sys_kmemleak_next("unreferenced object (percpu) 0xffff888003a5d200 (size 16):\n"
				 "  comm \"a\"b\", pid 8, jiffies 12\n"
				 "unreferenced object 0x1 (size 2",
				 &object);
	assert_non_null(rest);
	assert_string_equal(object.comm, "a\"b");
	assert_int_equal(object.pid, 8);
	assert_int_equal(object.jiffies, 12);
	assert_string_equal(object.where, "");
	assert_non_null(sys_kmemleak_next(rest, &object));
	assert_int_equal(object.size, 2);
	assert_string_equal(object.comm, "");
}

/* Found by the fuzzer: the text ends with the bracket that stands around an address. */
static void bracket_at_the_end(void **state)
{
	struct sys_kmemleak_object object;
	char *text = strdup("unreferenced object 0x1 (size 8):\n    [<a+0x1>");

	assert_non_null(sys_kmemleak_next(text, &object));
	free(text);
}

static void cut_off(void **state)
{
	char first[40];

	for (size_t length = 0; length < sizeof(report); length++) {
		char *text = strndup(report, length);

		assert_non_null(text);
		assert_true(sys_kmemleak_parse(text, NULL, first, sizeof(first)) <= 2);
		assert_true(strlen(first) < sizeof(first));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed),
		cmocka_unit_test(one_by_one),
		cmocka_unit_test(bracket_at_the_end),
		cmocka_unit_test(cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
