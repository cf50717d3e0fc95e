// SPDX-License-Identifier: MIT
/*
 * TEST: prime_self_import
 * Description: A device's own dma-bufs come back to it: one handle per file, one dma-buf per object,
 *		in every order of export, import, naming and closing, and against the closing of the
 *		handle.
 *
 * Importing a native dma-buf gives the object it was made of, and has to set obj->dma_buf again
 * where the last close had cleared it, since 319c933c71f3 ("drm/prime: proper locking+refcounting
 * for obj->dma_buf link"). The file's cache, under file->prime.lock, leads from the dma-buf to the
 * file's handle and holds a reference of its own for as long as the handle lives, since
 * 219b47339ced ("drm/prime: keep a reference from the handle to exported dma-buf (v6)").
 *
 * SUBTEST: every-order
 * Description: Every order of a few steps on one object in two files, each step compared with a
 *		model: what is returned, which handle, which name, which inode, and the count of
 *		references on the dma-buf. A broken kernel makes a second dma-buf or a second
 *		handle, loses the name, or gets the count wrong long before that leaks.
 *
 * SUBTEST: random-order
 * Description: The same for long random orders.
 *
 * SUBTEST: contents-survive
 * Description: What was written through one handle is read back through every way to the object,
 *		also after all handles were closed and the dma-buf was imported again.
 *
 * SUBTEST: reimport-vs-close
 * Description: PRIME_FD_TO_HANDLE against GEM_CLOSE of the handle that the file has for the dma-buf.
 *		A broken kernel returns a handle that is dead and counted, or two that live.
 *
 * SUBTEST: reimport-vs-last-close
 * Description: PRIME_FD_TO_HANDLE in one file against GEM_CLOSE of the object's last handle, which
 *		is in another: no lock of a file orders them. A broken kernel clears the link to the
 *		dma-buf that the import has just set, or keeps a reference.
 *
 * SUBTEST: reimport-vs-fd-close
 * Description: PRIME_FD_TO_HANDLE against close(2) of the only fd, which is all that holds the
 *		object. A broken kernel imports what is being freed.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "drm/caps.h"
#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "race/rng.h"
#include "suite/convoy.h"
#include "suite/dmabuf_check.h"
#include "suite/prime_walk.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

static void open_files(const struct drm_device *device, struct drm_file *files)
{
	drm_file_open(device, &files[0]);
	drm_file_open(device, &files[1]);
	drm_require_buffers(&files[0]);
	drm_require_flink(&files[0]);
	drm_require_prime(&files[0]);
}

static void close_files(struct drm_file *files)
{
	drm_file_close(&files[0]);
	drm_file_close(&files[1]);
}

/* All orders up to this many steps; each more takes about seven times as long. */
static const unsigned int walk_depth[] = {
	[SUITE_QUICK] = 5,
	[SUITE_FULL] = 6,
	[SUITE_SOAK] = 7,
};

static void every_order(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	struct prime_walk walk = { .length = walk_depth[suite->settings.profile] };
	struct drm_file files[2];
	uint64_t walks = 0, steps = 0;

	open_files(device, files);
	do {
		prime_walk_take(files, &walk);
		walks++;
		steps += walk.taken;
	} while (prime_walk_next(&walk));
	igt_info("%" PRIu64 " orders of up to %u steps, %" PRIu64 " steps checked\n", walks,
		 walk.length, steps);
	close_files(files);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void random_order(const struct suite *suite, const struct drm_device *device,
			 const void *data)
{
	struct race_rng rng = { .state = suite->settings.seed };
	uint64_t end = now_ms() + suite->settings.race_ms;
	uint64_t walks = 0, steps = 0;
	struct drm_file files[2];

	open_files(device, files);
	do {
		struct prime_walk walk = { .length = PRIME_WALK_MAX };

		for (unsigned int i = 0; i < walk.length; i++)
			walk.choice[i] = (unsigned int)race_rng_u64(&rng);
		prime_walk_take(files, &walk);
		walks++;
		steps += walk.taken;
	} while (now_ms() < end);
	igt_info("%" PRIu64 " random orders, %" PRIu64 " steps checked, seed %" PRIu64 "\n", walks,
		 steps, suite->settings.seed);
	close_files(files);
}

#define PATTERN_SIZE 65536

/* Different for each place and each stage, so that neither an old page nor a wrong one passes. */
static uint32_t pattern(uint32_t stage, uint32_t at)
{
	return (stage << 24) ^ (at * 2654435761u);
}

static void fill(uint32_t *ptr, uint32_t stage)
{
	for (uint32_t i = 0; i < PATTERN_SIZE / 4; i++)
		ptr[i] = pattern(stage, i);
}

static void check_contents(const uint32_t *ptr, uint32_t stage, const char *way)
{
	for (uint32_t i = 0; i < PATTERN_SIZE / 4; i++)
		igt_assert_f(ptr[i] == pattern(stage, i),
			     "%s: byte %u reads %#x, written was %#x\n", way, i * 4, ptr[i],
			     pattern(stage, i));
}

static void check_through_handle(const struct drm_file *file, uint32_t handle, uint32_t stage,
				 const char *way)
{
	uint32_t *ptr = gem_mmap(file, handle, PATTERN_SIZE);

	check_contents(ptr, stage, way);
	munmap(ptr, PATTERN_SIZE);
}

static void write_through_handle(const struct drm_file *file, uint32_t handle, uint32_t stage)
{
	uint32_t *ptr = gem_mmap(file, handle, PATTERN_SIZE);

	fill(ptr, stage);
	munmap(ptr, PATTERN_SIZE);
}

/* Mapping a dma-buf is the exporter's choice; not every driver offers it. */
static void check_through_dmabuf(const struct drm_file *file, int fd, uint32_t stage)
{
	void *ptr;
	int ret = file->io->mmap(file->io->data, fd, PATTERN_SIZE, PROT_READ | PROT_WRITE, 0, &ptr);

	if (ret) {
		igt_info("the dma-buf cannot be mapped: %s\n", strerror(-ret));
		return;
	}
	igt_assert_eq(__dmabuf_sync_begin(file->io, fd, DMA_BUF_SYNC_READ), 0);
	check_contents(ptr, stage, "through the dma-buf");
	igt_assert_eq(__dmabuf_sync_end(file->io, fd, DMA_BUF_SYNC_READ), 0);
	munmap(ptr, PATTERN_SIZE);
}

/* What the driver table says of it, which only a real device can confirm. */
static void check_exporter(const struct drm_file *file, int fd)
{
	struct dmabuf_info info;

	dmabuf_info(fd, &info);
	igt_assert_lte_u64(PATTERN_SIZE, info.size);
	if (file->driver != &drm_driver_other)
		igt_assert_eqstr(info.exporter, file->driver->exporter);
}

static void contents_survive(const struct suite *suite, const struct drm_device *device,
			     const void *data)
{
	struct drm_file files[2];
	uint32_t a, b;
	int fd;

	open_files(device, files);
	a = gem_create(&files[0], PATTERN_SIZE);
	write_through_handle(&files[0], a, 1);
	fd = prime_handle_to_fd(&files[0], a);
	check_exporter(&files[0], fd);
	b = prime_fd_to_handle(&files[1], fd);
	check_through_handle(&files[1], b, 1, "imported by another file");
	gem_close(&files[0], a);
	write_through_handle(&files[1], b, 2);
	gem_close(&files[1], b);
	check_through_dmabuf(&files[0], fd, 2);

	a = prime_fd_to_handle(&files[0], fd);
	check_through_handle(&files[0], a, 2, "imported after the last close");
	b = gem_open(&files[1], gem_flink(&files[0], a));
	check_through_handle(&files[1], b, 2, "opened by name");
	write_through_handle(&files[1], b, 3);
	gem_close(&files[1], b);
	gem_close(&files[0], a);
	close(fd);
	igt_info("%d bytes read back through import, dma-buf, re-import and name\n", PATTERN_SIZE);
	close_files(files);
}

struct import_race {
	struct drm_file file[2];
	unsigned int closer;       /* whose handle is closed; the other lane imports in file 0 */
	uint32_t handle, imported; /* 0: none */
	int fd;                    /* the dma-buf; -1: made anew for each attempt */
	int attempt_fd;
	uint64_t inode;
	struct convoy convoy;
};

static void hold(void *ctx)
{
	struct import_race *race = ctx;

	convoy_hold(&race->convoy);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return __prime_fd_to_handle(&race->file[0], race->attempt_fd, &race->imported);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return __gem_close(&race->file[race->closer], race->handle);
}

static long op_close_fd(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return close(race->attempt_fd) ? -errno : 0;
}

/* One handle, found through the dma-buf that outlives the attempts. */
static int set_up_handle(void *ctx)
{
	struct import_race *race = ctx;

	race->imported = 0;
	race->attempt_fd = race->fd;
	return __prime_fd_to_handle(&race->file[race->closer], race->fd, &race->handle);
}

/* An object that nothing but one fd holds. */
static int set_up_fd(void *ctx)
{
	struct import_race *race = ctx;
	uint32_t handle;
	int ret;

	race->imported = 0;
	ret = __gem_create(&race->file[0], GEM_SMALL, &handle);
	if (ret)
		return ret;
	ret = __prime_handle_to_fd(&race->file[0], handle, &race->attempt_fd);
	__gem_close(&race->file[0], handle);
	if (ret)
		return ret;
	race->inode = dmabuf_inode(race->attempt_fd);
	return 0;
}

/* Does the file have the handle? Naming it is the cheapest question. */
static bool is_alive(const struct drm_file *file, uint32_t handle)
{
	uint32_t name;

	return __gem_flink(file, handle, &name) == 0;
}

/*
 * An import that comes first returns the handle that is then closed: that handle is dead. After
 * the close it makes a new one, with the same number or, while the closed handle's slot is still
 * taken, another: only a call between the two phases of GEM_CLOSE gets that.
 */
static enum race_outcome classify_close(void *ctx, const struct race_attempt *attempt)
{
	struct import_race *race = ctx;

	if (attempt->lane[0].ret[0] || attempt->lane[1].ret[0])
		return RACE_NEITHER;
	if (race->imported != race->handle)
		return RACE_IN_WINDOW;
	return is_alive(&race->file[0], race->imported) ? RACE_B_FIRST : RACE_A_FIRST;
}

static int check_returned(const struct race_attempt *attempt, struct race_why *why)
{
	long imported = attempt->lane[0].ret[0], closed = attempt->lane[1].ret[0];

	if (imported)
		return race_why(why, "import of an open dma-buf: %s", strerror(-imported));
	if (closed)
		return race_why(why, "GEM_CLOSE of a live handle: %s", strerror(-closed));
	return 0;
}

static int check_close(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct import_race *race = ctx;
	uint32_t again;

	if (check_returned(attempt, why))
		return -1;
	if (attempt->outcome == RACE_A_FIRST)
		return dmabuf_check_count(race->fd, 1, "no handle is left, only the fd", why);
	if (dmabuf_check_count(race->fd, 3, "the fd, the object's link, the file's cache", why))
		return -1;
	if (__prime_fd_to_handle(&race->file[0], race->fd, &again))
		return race_why(why, "the next import failed");
	if (again != race->imported)
		return race_why(why, "two handles of one dma-buf in one file: %u and %u",
				race->imported, again);
	return 0;
}

/* The handle that lost is dead already, and GEM_CLOSE may say so. */
static void drop_imported(void *ctx)
{
	struct import_race *race = ctx;

	if (race->imported)
		__gem_close(&race->file[0], race->imported);
}

/* Whoever was first, the import holds the object now, and its dma-buf is linked. */
static enum race_outcome classify_last_close(void *ctx, const struct race_attempt *attempt)
{
	return RACE_BOTH;
}

static int check_last_close(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct import_race *race = ctx;
	int fd, ret, bad;

	if (check_returned(attempt, why))
		return -1;
	if (dmabuf_check_count(race->fd, 3, "the fd, the object's link, the importer's cache", why))
		return -1;
	ret = __prime_handle_to_fd(&race->file[0], race->imported, &fd);
	if (ret)
		return race_why(why, "export of the imported handle: %s", strerror(-ret));
	bad = dmabuf_check_inode(fd, race->inode, why);
	close(fd);
	return bad;
}

static enum race_outcome classify_fd_close(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == 0 ? RACE_A_FIRST : RACE_B_FIRST;
}

static int check_fd_close(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	long imported = attempt->lane[0].ret[0];
	struct import_race *race = ctx;
	int fd, ret, bad;

	if (attempt->lane[1].ret[0])
		return race_why(why, "close of an open fd: %s", strerror(-attempt->lane[1].ret[0]));
	if (imported)
		return imported == -EBADF ? 0
					  : race_why(why, "the loser got %s instead of EBADF",
						     strerror(-imported));
	ret = __prime_handle_to_fd(&race->file[0], race->imported, &fd);
	if (ret)
		return race_why(why, "export of the imported handle: %s", strerror(-ret));
	bad = dmabuf_check_count(fd, 3, "the new fd, the object's link, the file's cache", why);
	if (!bad)
		bad = dmabuf_check_inode(fd, race->inode, why);
	close(fd);
	return bad;
}

static const struct race_scenario reimport_vs_close = {
	.name = "reimport-vs-close",
	.nlanes = 2,
	.lanes = {
		{ "import", { { "PRIME_FD_TO_HANDLE", op_import } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_handle,
	.hold = hold,
	.tear_down = drop_imported,
	.classify = classify_close,
	.check = check_close,
};

static const struct race_scenario reimport_vs_last_close = {
	.name = "reimport-vs-last-close",
	.flip_by = RACE_FLIP_BY_END,
	.nlanes = 2,
	.lanes = {
		{ "import", { { "PRIME_FD_TO_HANDLE", op_import } } },
		{ "close", { { "GEM_CLOSE", op_close } } },
	},
	.set_up = set_up_handle,
	.hold = hold,
	.tear_down = drop_imported,
	.classify = classify_last_close,
	.check = check_last_close,
};

static const struct race_scenario reimport_vs_fd_close = {
	.name = "reimport-vs-fd-close",
	.nlanes = 2,
	.lanes = {
		{ "import", { { "PRIME_FD_TO_HANDLE", op_import } } },
		{ "close", { { "close", op_close_fd } } },
	},
	.set_up = set_up_fd,
	.hold = hold,
	.tear_down = drop_imported,
	.classify = classify_fd_close,
	.check = check_fd_close,
};

static void race_import(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	struct race_scenario scenario = *(const struct race_scenario *)data;
	struct import_race race = { .closer = data == &reimport_vs_last_close };
	uint32_t handle;

	open_files(device, race.file);
	handle = gem_create(&race.file[0], GEM_SMALL);
	race.fd = prime_handle_to_fd(&race.file[0], handle);
	race.inode = dmabuf_inode(race.fd);
	gem_close(&race.file[0], handle);
	scenario.ctx = &race;
	convoy_init(&race.convoy, device);
	suite_race(suite, &scenario);
	convoy_finish(&race.convoy);
	sys_closep(&race.fd);
	close_files(race.file);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("every-order")
		suite_on_each_device(&suite, every_order, NULL);

	igt_subtest_with_dynamic("random-order")
		suite_on_each_device(&suite, random_order, NULL);

	igt_subtest_with_dynamic("contents-survive")
		suite_on_each_device(&suite, contents_survive, NULL);

	igt_subtest_with_dynamic("reimport-vs-close")
		suite_on_each_device(&suite, race_import, &reimport_vs_close);

	igt_subtest_with_dynamic("reimport-vs-last-close")
		suite_on_each_device(&suite, race_import, &reimport_vs_last_close);

	igt_subtest_with_dynamic("reimport-vs-fd-close")
		suite_on_each_device(&suite, race_import, &reimport_vs_fd_close);
}
