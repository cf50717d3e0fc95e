// SPDX-License-Identifier: MIT
/*
 * TEST: drm_fd_lifetime
 * Description:
 *   What outlives a closed drm file, and what goes with it.
 *
 *   The file's last reference gives back its handles, names, framebuffers and unsignaled fences
 *   (drm_file_free()). fds in other processes, in a socket's queue and mappings of the card are
 *   such references. A dma-buf is not: it holds the object, the device and the driver's module
 *   (drm_gem_dmabuf_export()). A sync_file holds the fence only.
 *
 * SUBTEST: dma-buf-outlives-file
 * Description: Contents, identity and count of an exported buffer whose file is closed, and its
 *		import into a new file.
 *
 * SUBTEST: dma-buf-mapping-outlives-fd
 * Description: A mapping of the dma-buf alone keeps the buffer.
 *
 * SUBTEST: card-mapping-outlives-fd
 * Description: A mapping made through the card keeps the file: the buffer, its handle and its name,
 *		until it is unmapped.
 *
 * SUBTEST: sync-file-outlives-file
 * Description: Closing the file of a fence signals it; the sync_file goes on.
 *
 * SUBTEST: framebuffer-dies-with-file
 * Description: Nobody finds it any more, and its handle reference is gone.
 *
 * SUBTEST: queued-fd-keeps-file
 * Description: A drm fd in a socket's queue keeps the file until the socket is closed.
 *
 * SUBTEST: queued-in-a-circle
 * Description: A socket in its own queue, with a drm fd and a dma-buf: only the kernel's garbage
 *		collector can tell that nobody will ever receive them.
 *
 * SUBTEST: inherited-fd-keeps-file
 * Description: A child's copy of the fd keeps the file that the parent has closed.
 *
 * SUBTEST: exec-closes
 * Description: A process that executes a program with all its fds close-on-exec leaves nothing.
 *
 * SUBTEST: killed-in-the-middle
 * Description: Processes killed while they create, name, export, open and import; their own
 *		buffers go, the one they shared with their killer is as it was.
 *
 * SUBTEST: thousand-files
 * Description: A thousand files share one object, by name and by dma-buf, and are closed in random
 *		order. The dma-buf's references are counted after each.
 *
 * SUBTEST: dma-buf-outlives-device
 * Destructive: a dma-buf that does not hold its drm device is released into freed memory
 * Description: The driver unbound from its device while nothing but a dma-buf is left.
 *
 * SUBTEST: file-outlives-device
 * Destructive: closing the file of a device that is gone runs through all of its remains
 * Description: The same while a drm fd with a handle is open: what it is asked for gives ENODEV.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/kms.h"
#include "drm/prime.h"
#include "drm/sync_file.h"
#include "drm/vgem.h"
#include "igt/assert.h"
#include "igt/child.h"
#include "igt/subtest.h"
#include "lifetime/killed.h"
#include "lifetime/unbind.h"
#include "race/rng.h"
#include "suite/balance.h"
#include "suite/contents.h"
#include "suite/dmabuf_check.h"
#include "suite/name_check.h"
#include "suite/suite.h"
#include "sys/fdpass.h"
#include "sys/file.h"

#define FILES   1000
#define CHILD_S 20

/* A file with a named and exported buffer, and another file that looks on. */
struct life {
	struct drm_file file, witness;
	uint32_t handle, name;
	int fd;
	uint64_t inode;
	struct ledger *before; /* with the witness open, and nothing else */
};

static void life_init(struct life *life, const struct drm_device *device)
{
	*life = (struct life){ .fd = -1 };
	drm_file_open(device, &life->witness);
	drm_require_buffers(&life->witness);
	drm_require_flink(&life->witness);
	drm_require_prime(&life->witness);
	life->before = balance_take();
	drm_file_open(device, &life->file);
	life->handle = gem_create(&life->file, GEM_SMALL);
	life->name = gem_flink(&life->file, life->handle);
	contents_write_handle(&life->file, life->handle, GEM_SMALL, 1);
}

static void life_export(struct life *life)
{
	life->fd = prime_handle_to_fd(&life->file, life->handle);
	life->inode = dmabuf_inode(life->fd);
}

/* Whatever kept it is gone now. */
static void life_is_over(struct life *life)
{
	struct race_why why;

	igt_assert_f(!balance_check(life->before, &why), "%s\n", why.text);
	igt_assert_f(!name_check_reaped(&life->witness, life->name, &why), "%s\n", why.text);
}

static void life_goes_on(const struct life *life, const char *what)
{
	uint32_t handle;
	int ret = __gem_open(&life->witness, life->name, &handle, NULL);

	igt_assert_f(ret == 0, "%s does not keep the file: its name gives %s\n", what,
		     strerror(-ret));
	contents_check_handle(&life->witness, handle, GEM_SMALL, 1, what);
	gem_close(&life->witness, handle);
}

static void life_finish(struct life *life)
{
	sys_closep(&life->fd);
	drm_file_close(&life->file);
	life_is_over(life);
	ledger_free(life->before);
	drm_file_close(&life->witness);
}

static void assert_count(int fd, int64_t want, const char *made_of)
{
	struct race_why why;

	igt_assert_f(!dmabuf_check_count(fd, want, made_of, &why), "%s\n", why.text);
}

static void dma_buf_outlives_file(const struct suite *suite, const struct drm_device *device,
				  const void *data)
{
	struct race_why why;
	struct life life;
	uint32_t handle;

	life_init(&life, device);
	life_export(&life);
	assert_count(life.fd, 3, "the fd, the object's link, the file's cache");
	drm_file_close(&life.file);
	assert_count(life.fd, 1, "the file is closed, only the fd");
	igt_assert_eq_u64(dmabuf_inode(life.fd), life.inode);
	igt_assert_f(!name_check_reaped(&life.witness, life.name, &why), "%s\n", why.text);
	contents_check_dmabuf(life.witness.io, life.fd, GEM_SMALL, 1);
	handle = prime_fd_to_handle(&life.witness, life.fd);
	contents_check_handle(&life.witness, handle, GEM_SMALL, 1, "imported afterwards");
	assert_count(life.fd, 3, "the fd, the object's link, the new file's cache");
	gem_close(&life.witness, handle);
	life_finish(&life);
}

static void dma_buf_mapping_outlives_fd(const struct suite *suite, const struct drm_device *device,
					const void *data)
{
	struct life life;
	void *map;
	int ret;

	life_init(&life, device);
	life_export(&life);
	ret = life.witness.io->mmap(life.witness.io->data, life.fd, GEM_SMALL,
				    PROT_READ | PROT_WRITE, 0, &map);
	igt_require_f(ret == 0, "the dma-buf cannot be mapped: %s\n", strerror(-ret));
	assert_count(life.fd, 4, "the fd, the mapping, the object's link, the file's cache");
	drm_file_close(&life.file);
	assert_count(life.fd, 2, "the fd and the mapping");
	sys_closep(&life.fd);
	contents_check(map, GEM_SMALL, 1, "the mapping of a closed dma-buf");
	contents_fill(map, GEM_SMALL, 2);
	contents_check(map, GEM_SMALL, 2, "the mapping of a closed dma-buf");
	munmap(map, GEM_SMALL);
	life_finish(&life);
}

static void card_mapping_outlives_fd(const struct suite *suite, const struct drm_device *device,
				     const void *data)
{
	struct life life;
	void *map;

	life_init(&life, device);
	map = gem_mmap(&life.file, life.handle, GEM_SMALL);
	drm_file_close(&life.file);
	life_goes_on(&life, "a mapping");
	contents_check(map, GEM_SMALL, 1, "the mapping of a closed card");
	munmap(map, GEM_SMALL);
	life_finish(&life);
}

static void sync_file_outlives_file(const struct suite *suite, const struct drm_device *device,
				    const void *data)
{
	struct sync_file_state state;
	struct life life;
	int sync;

	life_init(&life, device);
	igt_require_f(vgem_has_fences(&life.file), "no fence that a file owns\n");
	life_export(&life);
	vgem_fence_attach(&life.file, life.handle, true);
	igt_require_f(__dmabuf_export_sync_file(life.file.io, life.fd, DMA_BUF_SYNC_READ, &sync) ==
			      0,
		      "fences cannot be exported\n");
	igt_assert_eq(__sync_file_wait(sync, 0), 0);
	drm_file_close(&life.file);
	sync_file_wait(sync, 0);
	sys_closep(&life.fd);
	sync_file_info(life.witness.io, sync, &state);
	igt_assert_eq_u32(state.count, 1);
	igt_assert_eq(state.status, 1);
	close(sync);
	life_finish(&life);
}

static void framebuffer_dies_with_file(const struct suite *suite, const struct drm_device *device,
				       const void *data)
{
	uint32_t fb, handle;
	struct life life;

	life_init(&life, device);
	drm_require_modeset(&life.file);
	life_export(&life);
	fb = kms_add_fb(&life.file, life.handle);
	gem_close(&life.file, life.handle);
	igt_assert_eq(__kms_get_fb2(&life.witness, fb, &handle), 0);
	if (handle)
		gem_close(&life.witness, handle);
	drm_file_close(&life.file);
	igt_assert_eq(__kms_get_fb2(&life.witness, fb, &handle), -ENOENT);
	assert_count(life.fd, 1, "the framebuffer is gone, only the fd");
	life_finish(&life);
}

static void queued_fd_keeps_file(const struct suite *suite, const struct drm_device *device,
				 const void *data)
{
	struct life life;
	int pair[2];

	life_init(&life, device);
	igt_assert(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
	igt_assert_eq(sys_fd_send(pair[0], life.file.fd), 0);
	drm_file_close(&life.file);
	life_goes_on(&life, "an fd in a queue");
	life.file.fd = sys_fd_receive(pair[1]);
	igt_assert_fd(life.file.fd);
	igt_assert_eq(sys_fd_send(pair[0], life.file.fd), 0);
	life_export(&life);
	igt_assert_eq(sys_fd_send(pair[0], life.fd), 0);
	drm_file_close(&life.file);
	sys_closep(&life.fd);
	life_goes_on(&life, "an fd in a queue again");
	close(pair[0]);
	close(pair[1]);
	life_finish(&life);
}

/*
 * The collector runs when a socket is closed; the rest is its worker's business, hence the bound.
 */
static void queued_in_a_circle(const struct suite *suite, const struct drm_device *device,
			       const void *data)
{
	int pair[2], other[2];
	struct life life;

	life_init(&life, device);
	life_export(&life);
	igt_assert(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
	igt_assert_eq(sys_fd_send(pair[0], pair[1]), 0);
	igt_assert_eq(sys_fd_send(pair[0], life.file.fd), 0);
	igt_assert_eq(sys_fd_send(pair[0], life.fd), 0);
	drm_file_close(&life.file);
	sys_closep(&life.fd);
	close(pair[1]);
	close(pair[0]);
	igt_assert(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, other) == 0);
	close(other[0]);
	close(other[1]);
	life_finish(&life);
}

static void inherited_fd_keeps_file(const struct suite *suite, const struct drm_device *device,
				    const void *data)
{
	struct life life;
	int pair[2];
	char byte;

	life_init(&life, device);
	igt_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	igt_fork(child, 1) {
		close(pair[0]);
		/* Until the parent has looked; it may also die. */
		igt_assert(read(pair[1], &byte, 1) == 1);
		gem_close(&life.file, gem_create(&life.file, GEM_SMALL));
	}
	drm_file_close(&life.file);
	life_goes_on(&life, "a child's fd");
	igt_assert(write(pair[0], "", 1) == 1);
	igt_waitchildren_timeout(CHILD_S, "using an inherited fd");
	close(pair[0]);
	close(pair[1]);
	life_finish(&life);
}

/* The program says that it runs, and ends when its input does. Its fds are pipes and stderr. */
static void exec_closes(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	int in[2], out[2], status;
	struct life life;
	char byte;
	pid_t pid;

	life_init(&life, device);
	life_export(&life);
	igt_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	pid = fork();
	igt_assert_f(pid >= 0, "fork failed\n");
	if (!pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/bin/sh", "sh", "-c", "echo; read line; exit 7", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	/* What it prints tells that the program runs. */
	igt_assert_f(read(out[0], &byte, 1) == 1, "/bin/sh does not run\n");
	drm_file_close(&life.file);
	assert_count(life.fd, 1, "the file is closed, only the fd");
	sys_closep(&life.fd);
	life_is_over(&life);
	close(in[1]);
	close(out[0]);
	igt_assert(waitpid(pid, &status, 0) == pid);
	igt_assert_f(WIFEXITED(status) && WEXITSTATUS(status) == 7, "/bin/sh: status %#x\n",
		     status);
	life_finish(&life);
}

/* Every other file comes to the object by its name, which leaves nothing in its prime cache. */
static bool by_name(unsigned int file)
{
	return file & 1;
}

static void shuffle(unsigned int *order, uint64_t seed)
{
	struct race_rng rng = { seed };

	for (unsigned int i = 0; i < FILES; i++)
		order[i] = i;
	for (unsigned int i = FILES - 1; i; i--) {
		unsigned int other = race_rng_below(&rng, i + 1), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

static void raise_fd_limit(unsigned int fds)
{
	struct rlimit limit;

	igt_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	if (limit.rlim_cur >= fds)
		return;
	igt_require_f(limit.rlim_max >= fds, "no more than %lu fds\n",
		      (unsigned long)limit.rlim_max);
	limit.rlim_cur = fds;
	igt_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static void thousand_files(const struct suite *suite, const struct drm_device *device,
			   const void *data)
{
	struct drm_file *files = calloc(FILES, sizeof(*files));
	unsigned int *order = calloc(FILES, sizeof(*order));
	unsigned int cached = 1;
	struct life life;

	igt_assert(files && order);
	raise_fd_limit(FILES + 64);
	life_init(&life, device);
	life_export(&life);
	for (unsigned int i = 0; i < FILES; i++) {
		drm_file_open(device, &files[i]);
		if (by_name(i))
			gem_open(&files[i], life.name);
		else
			prime_fd_to_handle(&files[i], life.fd);
		cached += !by_name(i);
	}
	assert_count(life.fd, 2 + cached, "the fd, the object's link, the files' caches");
	drm_file_close(&life.file);
	cached--;
	shuffle(order, suite->settings.seed);
	for (unsigned int i = 0; i < FILES; i++) {
		assert_count(life.fd, 2 + cached, "the fd, the object's link, the files' caches");
		if (i % 100 == 0)
			life_goes_on(&life, "one of the files");
		drm_file_close(&files[order[i]]);
		cached -= !by_name(order[i]);
	}
	assert_count(life.fd, 1, "all files are closed, only the fd");
	igt_info("%d files closed in random order, seed %llu\n", FILES,
		 (unsigned long long)suite->settings.seed);
	free(files);
	free(order);
	life_finish(&life);
}

static const struct suite_row subtests[] = {
	{ "dma-buf-outlives-file", dma_buf_outlives_file },
	{ "dma-buf-mapping-outlives-fd", dma_buf_mapping_outlives_fd },
	{ "card-mapping-outlives-fd", card_mapping_outlives_fd },
	{ "sync-file-outlives-file", sync_file_outlives_file },
	{ "framebuffer-dies-with-file", framebuffer_dies_with_file },
	{ "queued-fd-keeps-file", queued_fd_keeps_file },
	{ "queued-in-a-circle", queued_in_a_circle },
	{ "inherited-fd-keeps-file", inherited_fd_keeps_file },
	{ "exec-closes", exec_closes },
	{ "killed-in-the-middle", killed_in_the_middle },
	{ "thousand-files", thousand_files },
	{ "dma-buf-outlives-device", dma_buf_outlives_device },
	{ "file-outlives-device", file_outlives_device },
};

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, subtests, suite_run_row);
}
