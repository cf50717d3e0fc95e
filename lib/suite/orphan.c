// SPDX-License-Identifier: MIT
#include "suite/orphan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drm/sync_file.h"
#include "drm/syncobj.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "igt/child.h"
#include "sys/clock.h"
#include "sys/debugfs.h"
#include "sys/file.h"

#define STEP_SECONDS 5
#define FDS_MOST     1024 /* RLIMIT_NOFILE as it mostly is; a test has a few dozen */

static const struct drm_io *const io = &drm_io_kernel;

static void ask_info(struct orphan *orphan)
{
	struct sync_file_state state;

	sync_file_info(io, orphan->fd, &state);
	igt_info("%s: status %d\n", state.name, state.status);
	for (unsigned int i = 0; i < state.count; i++) {
		igt_info("  %s %s: status %d\n", state.fence[i].driver, state.fence[i].timeline,
			 state.fence[i].status);
		igt_assert_f(*state.fence[i].driver && *state.fence[i].timeline,
			     "a fence without names\n");
	}
	igt_assert_f(state.count && state.status != 0, "not signaled, though its issuer is gone\n");
}

static void poll_it(struct orphan *orphan)
{
	sync_file_wait(orphan->fd, 0);
}

static void merge_it(struct orphan *orphan)
{
	int merged = sync_file_merge(io, orphan->fd, orphan->fd);

	sync_file_wait(merged, 0);
	close(merged);
}

static void set_deadline(struct orphan *orphan)
{
	int ret = __sync_file_set_deadline(io, orphan->fd, (sys_now_ms() + 1000) * 1000000);

	igt_require_f(ret != -ENOTTY, "no SYNC_IOC_SET_DEADLINE in this kernel\n");
	igt_assert_f(ret == 0, "SYNC_IOC_SET_DEADLINE: %s\n", strerror(-ret));
}

static void import_it(struct orphan *orphan)
{
	dmabuf_import_sync_file(io, orphan->parked, DMA_BUF_SYNC_WRITE, orphan->fd);
}

static void export_it(struct orphan *orphan)
{
	int fd = dmabuf_export_sync_file(io, orphan->parked, DMA_BUF_SYNC_RW);

	sync_file_wait(fd, 0);
	close(fd);
}

static void read_bufinfo(struct orphan *orphan)
{
	char path[256], text[4096];
	ssize_t size;
	int fd;

	igt_require_f(!sys_debugfs_path(path, sizeof(path) - 20), "no debugfs\n");
	strcat(path, "/dma_buf/bufinfo");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	igt_assert_fd(fd);
	while ((size = read(fd, text, sizeof(text))) > 0)
		;
	igt_assert_f(size == 0, "reading bufinfo: %s\n", strerror(errno));
	close(fd);
}

static void export_from_syncobj(struct orphan *orphan)
{
	orphan->fd = syncobj_export_sync_file(&orphan->other, orphan->syncobj);
}

/* The timer was set when the fence was made; it is late by a tick at most. */
static void wait_for_timer(struct orphan *orphan)
{
	int64_t left = orphan->made_ms + VGEM_FENCE_TIMEOUT_MS + 1000 - sys_now_ms();

	if (left > 0)
		poll(NULL, 0, left);
}

void orphan_finish(struct orphan *orphan)
{
	sys_closep(&orphan->fd);
	sys_closep(&orphan->parked);
	drm_file_close(&orphan->other);
}

const struct orphan_step orphan_info = { "FILE_INFO", ask_info, true };
const struct orphan_step orphan_poll = { "poll", poll_it, true };
const struct orphan_step orphan_merge = { "merge", merge_it, true };
const struct orphan_step orphan_deadline = { "SET_DEADLINE", set_deadline, true };
const struct orphan_step orphan_import = { "import to another exporter's dma-buf", import_it,
					   true };
const struct orphan_step orphan_export = { "export from there", export_it, true };
const struct orphan_step orphan_bufinfo = { "reading dma_buf/bufinfo", read_bufinfo, true };
const struct orphan_step orphan_syncobj = { "export from the sync object", export_from_syncobj,
					    false };
const struct orphan_step orphan_timer = { "waiting for the fence's timer", wait_for_timer, false };
const struct orphan_step orphan_close = { "close", orphan_finish, false };

void orphan_made(struct orphan *orphan)
{
	orphan->made_ms = sys_now_ms();
}

/* Whoever waits for the end of what the test prints waits for all that have the pipe. */
static void close_pipes(void)
{
	struct stat st;

	for (int fd = 0; fd < FDS_MOST; fd++)
		if (fd <= STDERR_FILENO ||
		    (!fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode))))
			close(fd);
}

/*
 * Keeps the files open when the kernel kills the step: the test could not close them, nor end,
 * without running into the same fence. Stays behind with it then.
 */
static pid_t keep_files(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	igt_assert(pid >= 0);
	if (pid)
		return pid;
	setsid(); /* who ends the test's process group has no business with it */
	close_pipes();
	for (;;)
		pause();
}

static void step_apart(struct orphan *orphan, const struct orphan_step *step)
{
	pid_t keeper = keep_files();

	igt_fork(child, 1)
		step->run(orphan);
	igt_waitchildren_timeout(STEP_SECONDS, step->what);
	kill(keeper, SIGKILL);
	waitpid(keeper, NULL, 0);
}

void orphan_step(struct orphan *orphan, const struct orphan_step *step)
{
	igt_kmsg(6, "without %s: %s", orphan->unload.module, step->what);
	igt_info("without %s: %s\n", orphan->unload.module, step->what);
	if (step->apart)
		step_apart(orphan, step);
	else
		step->run(orphan);
}

bool orphan_take_module(struct orphan *orphan)
{
	if (unload_settle(&orphan->unload) == 0) {
		unload_module(&orphan->unload);
		return true;
	}
	igt_info("the fence keeps %s\n", orphan->unload.module);
	unload_is_refused(&orphan->unload, "a fence");
	orphan_finish(orphan);
	unload_module(&orphan->unload);
	return false;
}
