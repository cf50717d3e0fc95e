// SPDX-License-Identifier: MIT
/*
 * TEST: selftest_kernel
 * Description: What the harness must see of the kernel, each brought about on purpose. None of
 *		these may be reported as passed.
 *
 * SUBTEST: warn
 * Description: Passes, but leaves a line at warning level in the kernel log: "dmesg-warn" for
 *		igt_runner.
 *
 * SUBTEST: leak-dma-buf
 * Description: The body passes, but a process it left behind holds a dma-buf. The ledger of live
 *		objects must fail it.
 *
 * SUBTEST: panic
 * Description: Brings the kernel down through sysrq. Only in gemrace's guest, or where
 *		GEMRACE_SELFTEST_PANIC is set: everything else on the machine dies with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "drm/file.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "guest.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/suite.h"
#include "sys/file.h"

static void write_to(const char *path, const char *text)
{
	int ret = sys_write_file(path, text);

	igt_require_f(ret == 0, "cannot write to %s: %s\n", path, strerror(-ret));
}

/* In the subtest's process group: what is left of that dies with the subtest. */
static void leave_holder_behind(const struct drm_file *file)
{
	pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(file->fd); /* a dma-buf is all that leaks */
		for (;;)
			pause();
	}
}

static void leak_dma_buf(const struct drm_device *device)
{
	_cleanup_drm_file_ struct drm_file file = DRM_FILE_CLOSED;
	uint32_t handle;
	int fd;

	drm_file_open(device, &file);
	handle = gem_create(&file, GEM_SMALL);
	fd = prime_handle_to_fd(&file, handle);
	leave_holder_behind(&file);
	close(fd);
	gem_close(&file, handle);
}

igt_main
{
	static struct suite suite;

	igt_subtest("warn")
		write_to("/dev/kmsg", "<4>gemrace selftest: a warning on purpose\n");

	igt_subtest_group {
		igt_fixture
			suite_setup(&suite);

		igt_subtest("leak-dma-buf")
			leak_dma_buf(suite.device[0].drm);
	}

	igt_subtest("panic") {
		igt_require_f(in_guest() || getenv("GEMRACE_SELFTEST_PANIC"),
			      "this is no guest of gemrace\n");
		write_to("/proc/sysrq-trigger", "c");
		igt_assert_f(false, "the kernel is still there\n");
	}
}
