// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_kmemleak
 * Description: Has a module lose memory on purpose (cry/cry.c). The body passes; kmemleak, asked
 *		afterwards, must fail it and name the place. Needs a kernel that has kmemleak.
 *
 * SUBTEST: memory-leak
 * Destructive: the memory stays lost
 * Description: Three objects that nothing points to any more.
 *
 * SUBTEST: no-memory-leak
 * Destructive: it is to be the only one in its VM, as the one before
 * Description: The module is loaded and does nothing: must pass.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cry_module.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"

igt_main
{
	static struct suite suite;

	igt_fixture {
		igt_require_f(!access("/sys/kernel/debug/kmemleak", F_OK),
			      "no kmemleak in this kernel\n");
		setenv("GEMRACE_KMEMLEAK", "on", true);
		suite_setup(&suite);
	}

	igt_subtest("memory-leak") {
		cry_module_load();
		cry_module_tell("leak", "kmemleak");
	}

	igt_subtest("no-memory-leak")
		cry_module_load();
}
