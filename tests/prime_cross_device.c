// SPDX-License-Identifier: MIT
/*
 * TEST: prime_cross_device
 * Description: One driver's dma-bufs in another: every ordered pair of the machine's devices, and
 *		udmabuf and the system dma-heap as exporters. A pair whose importer refuses the dma-buf
 *		skips with the error.
 *
 * A foreign import makes an object of its own, which holds the dma-buf by its attachment and by
 * its obj->dma_buf; the exporting file's cache holds it while the exported handle lives. Closing
 * that handle has to let go of the cache's reference, since 219b47339ced ("drm/prime: keep a
 * reference from the handle to exported dma-buf (v6)"), or the buffer lives as long as the file.
 * All those references are counted in the dma-buf's fdinfo, and each is known.
 *
 * SUBTEST: six-steps
 * Description: Create, export, import in the other device, close the fd, close the importer's handle,
 *		close the exporter's handle: nothing may be left, with both drm files still open. On a
 *		broken kernel the exporter's file keeps the dma-buf.
 *
 * SUBTEST: close-orders
 * Description: A buffer that is exported, imported and exported again by the importer, which gives
 *		the same dma-buf; then every order of closing the fd, either handle and either drm
 *		file, with the references counted after each step, and nothing left of the dma-buf
 *		when nothing refers to it.
 *
 * SUBTEST: close-orders-exported-twice
 * Description: The same with two fds from one handle.
 *
 * SUBTEST: random-order
 * Description: Long random orders of export, import, re-export by the importer, import by the
 *		exporter and closing, against a model of handles, inode and references. One that fails
 *		is cut down to the shortest.
 *
 * SUBTEST: import-mmap
 * Description: An imported buffer is mapped through the importer's drm file, read, and closed and
 *		unmapped in both orders. A broken kernel frees the importing object under its handle,
 *		or never.
 *
 * SUBTEST: import-vs-exporter-close
 * Description: PRIME_FD_TO_HANDLE in one device against GEM_CLOSE of the exporter's last handle.
 *
 * SUBTEST: import-vs-fd-close
 * Description: PRIME_FD_TO_HANDLE against close(2) of the only fd, which is all that holds the
 *		buffer.
 *
 * SUBTEST: import-vs-import
 * Description: PRIME_FD_TO_HANDLE twice in one file of the importer. A broken kernel attaches twice
 *		and makes two handles.
 *
 * SUBTEST: import-vs-import-two-files
 * Description: The same in two files of the importer.
 *
 * SUBTEST: reimport-vs-close
 * Description: PRIME_FD_TO_HANDLE against GEM_CLOSE of the handle that the importer has.
 *
 * SUBTEST: reexport-vs-exporter-close
 * Description: The importer exports its handle again while the exporter closes its last one.
 *
 * SUBTEST: both-close
 * Description: GEM_CLOSE of the importer's handle against GEM_CLOSE of the exporter's.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/balance.h"
#include "suite/contents.h"
#include "suite/cross.h"
#include "suite/cross_walk.h"
#include "suite/dmabuf_check.h"
#include "suite/import_map.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

static void six_steps(const struct suite *suite, const struct cross_pair *pair, const void *data)
{
	struct race_why why = { "" };
	struct ledger *before;
	uint32_t handle = 0, imported = 0;
	struct cross cross;
	int fd = -1, ret;

	/* Nothing but the six steps in these files, not even a trial. */
	cross_init(&cross, pair);
	before = balance_take();
	igt_require_f(!before->status[LEDGER_BUFINFO].err || !before->status[LEDGER_MODULES].err,
		      "neither dma-bufs nor module references can be seen\n");
	ret = __cross_create(&cross, GEM_SMALL, &handle, &fd);
	igt_require_f(ret == 0, "%s: no dma-buf to import: %s\n", pair->name, strerror(-ret));
	ret = __prime_fd_to_handle(&cross.importer[0], fd, &imported);
	igt_require_f(ret == 0, "%s: cannot be imported: %s\n", pair->name, strerror(-ret));
	close(fd);
	gem_close(&cross.importer[0], imported);
	if (handle)
		gem_close(&cross.exporter, handle);
	igt_assert_f(!balance_check(before, &why), "with the drm files open: %s\n", why.text);
	igt_info("six steps, nothing left with the drm files open\n");
	ledger_free(before);
	cross_finish(&cross);
}

static void close_orders(const struct suite *suite, const struct cross_pair *pair, const void *data)
{
	const unsigned int *exports = data;
	struct cross cross;
	struct cross_walk walk = { .cross = &cross, .exports = *exports, .only_closing = true };
	struct walk_subject subject = cross_walk_subject(&walk);

	if (*exports > 1)
		cross_require_handles(pair);
	cross_init(&cross, pair);
	cross_require_import(&cross);
	walk_every_order(suite, &subject, WALK_MAX, WALK_MAX);
	if (walk.unseen)
		igt_info("by references only: debugfs does not tell which dma-bufs are left\n");
	cross_finish(&cross);
}

static void random_order(const struct suite *suite, const struct cross_pair *pair, const void *data)
{
	struct cross cross;
	struct cross_walk walk = { .cross = &cross };
	struct walk_subject subject = cross_walk_subject(&walk);

	cross_init(&cross, pair);
	cross_require_import(&cross);
	walk_random_order(suite, &subject);
	cross_finish(&cross);
}

#define MAP_SIZE 16384

static void check_count(int fd, int64_t want, const char *when)
{
	struct race_why why;

	igt_assert_f(!dmabuf_check_count(fd, want, when, &why), "%s\n", why.text);
}

static void fill_dmabuf(const struct drm_io *io, int fd)
{
	void *ptr;
	int ret = io->mmap(io->data, fd, MAP_SIZE, PROT_READ | PROT_WRITE, 0, &ptr);

	igt_require_f(ret == 0, "the dma-buf cannot be mapped to fill it: %s\n", strerror(-ret));
	contents_fill(ptr, MAP_SIZE, 7);
	munmap(ptr, MAP_SIZE);
}

/* @idle: the references with no import. */
static void map_and_close(const struct cross *cross, int fd, int64_t idle, bool unmap_first)
{
	const struct drm_file *file = &cross->importer[0];
	uint32_t handle = 0;
	void *ptr = NULL;
	int ret = __import_map(file, fd, MAP_SIZE, &handle, &ptr);
	bool own;

	if (ret)
		gem_close(file, handle);
	igt_require_f(ret == 0, "%s: the importer maps no imports: %s\n", cross->pair->name,
		      strerror(-ret));
	own = import_map_is_dmabuf(ptr, fd);
	if (own)
		check_count(fd, idle + 4, "imported and mapped");
	contents_check(ptr, MAP_SIZE, 7, "through the importer");
	if (unmap_first) {
		munmap(ptr, MAP_SIZE);
		check_count(fd, idle + 3, "unmapped");
		gem_close(file, handle);
	} else {
		gem_close(file, handle);
		if (own)
			check_count(fd, idle + 1, "mapped, the importer's handle closed");
		contents_check(ptr, MAP_SIZE, 7, "after the importer's handle was closed");
		munmap(ptr, MAP_SIZE);
	}
	check_count(fd, idle, "unmapped, the importer's handle closed");
}

static void import_mmap(const struct suite *suite, const struct cross_pair *pair, const void *data)
{
	uint32_t handle = 0;
	struct cross cross;
	int fd = -1, ret;

	cross_init(&cross, pair);
	cross_require_import(&cross);
	ret = __cross_create(&cross, MAP_SIZE, &handle, &fd);
	igt_assert_f(ret == 0, "creating and exporting: %s\n", strerror(-ret));
	fill_dmabuf(&drm_io_kernel, fd);
	map_and_close(&cross, fd, handle ? 3 : 1, true);
	map_and_close(&cross, fd, handle ? 3 : 1, false);
	close(fd);
	if (handle)
		gem_close(&cross.exporter, handle);
	igt_info("%d bytes read through the importer, references counted\n", MAP_SIZE);
	cross_finish(&cross);
}

enum needs {
	EXPORTER_HANDLE = 1 << 0, /* one in the exporter, so a device */
	IMPORTER_HANDLE = 1 << 1, /* one in the importer's file 0 */
	ONLY_FD = 1 << 2,         /* nothing but race.fd holds the buffer, which a lane closes */
};

struct lane {
	struct race_lane race;
	unsigned int file; /* of the importer */
};

struct variant {
	const char *name;
	unsigned int needs;
	const struct lane *lane[2];
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
};

struct cross_race {
	struct cross cross;
	const struct variant *variant;
	int keep, fd, out; /* outlives the attempts; is imported; was exported again. -1: none */
	uint64_t inode;
	uint32_t exported, imported; /* handles there are beforehand; 0: none */
	uint32_t got[2];             /* handles that the lanes imported; 0: none */
	bool broken; /* let go of nothing: that may be the kernel's end before the report */
};

static const struct drm_file *importer_of(const struct cross_race *race, unsigned int lane)
{
	return &race->cross.importer[race->variant->lane[lane]->file];
}

static long op_import(void *ctx, unsigned int lane)
{
	struct cross_race *race = ctx;

	return __prime_fd_to_handle(importer_of(race, lane), race->fd, &race->got[lane]);
}

static long op_reexport(void *ctx, unsigned int lane)
{
	struct cross_race *race = ctx;

	return __prime_handle_to_fd(importer_of(race, lane), race->imported, &race->out);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct cross_race *race = ctx;

	return __gem_close(importer_of(race, lane), race->imported);
}

static long op_exporter_close(void *ctx, unsigned int lane)
{
	struct cross_race *race = ctx;

	return __gem_close(&race->cross.exporter, race->exported);
}

static long op_close_fd(void *ctx, unsigned int lane)
{
	struct cross_race *race = ctx;

	return close(race->fd) ? -errno : 0;
}

static void tear_down(void *ctx)
{
	struct cross_race *race = ctx;

	if (race->broken)
		return;
	sys_closep(&race->out);
	for (unsigned int lane = 0; lane < 2; lane++)
		if (race->got[lane])
			__gem_close(importer_of(race, lane), race->got[lane]);
	if (race->imported)
		__gem_close(&race->cross.importer[0], race->imported);
	if (race->exported)
		__gem_close(&race->cross.exporter, race->exported);
}

static int set_up_only_fd(struct cross_race *race)
{
	uint32_t handle;
	int ret = __cross_create(&race->cross, GEM_SMALL, &handle, &race->fd);

	if (ret)
		return ret;
	if (handle)
		__gem_close(&race->cross.exporter, handle);
	race->inode = dmabuf_inode(race->fd);
	return 0;
}

static int set_up(void *ctx)
{
	struct cross_race *race = ctx;
	unsigned int needs = race->variant->needs;
	int ret = 0;

	race->out = -1;
	race->exported = race->imported = race->got[0] = race->got[1] = 0;
	if (needs & ONLY_FD)
		return set_up_only_fd(race);
	race->fd = race->keep;
	race->inode = dmabuf_inode(race->keep);
	if (needs & EXPORTER_HANDLE)
		ret = __prime_fd_to_handle(&race->cross.exporter, race->fd, &race->exported);
	if (!ret && needs & IMPORTER_HANDLE)
		ret = __prime_fd_to_handle(&race->cross.importer[0], race->fd, &race->imported);
	if (ret)
		tear_down(race);
	return ret;
}

/* A live handle of the buffer can be exported. 1 or 0, or -1 when that gives another dma-buf. */
static int alive(const struct cross_race *race, const struct drm_file *file, uint32_t handle,
		 struct race_why *why)
{
	int fd, bad;

	if (!handle || __prime_handle_to_fd(file, handle, &fd))
		return 0;
	bad = dmabuf_check_inode(fd, race->inode, why);
	close(fd);
	return bad ? -1 : 1;
}

static enum race_outcome classify_close(void *ctx, const struct race_attempt *attempt)
{
	struct cross_race *race = ctx;
	struct race_why why;

	if (race->got[0] != race->imported)
		return RACE_IN_WINDOW;
	return alive(race, importer_of(race, 0), race->got[0], &why) ? RACE_B_FIRST : RACE_A_FIRST;
}

/* The live handles of one of the importer's files: at most one, whoever made it. -1: broken */
static int count_alive(const struct cross_race *race, unsigned int file, uint32_t *ret_handle,
		       struct race_why *why)
{
	uint32_t handles[3] = { file ? 0 : race->imported };
	int count = 0;

	for (unsigned int lane = 0; lane < 2; lane++)
		if (race->variant->lane[lane]->file == file)
			handles[1 + lane] = race->got[lane];
	for (unsigned int i = 0; i < 3; i++) {
		int one;

		if (count && handles[i] == *ret_handle)
			continue;
		one = alive(race, &race->cross.importer[file], handles[i], why);
		if (one < 0)
			return -1;
		if (one && count)
			return race_why(why, "two handles of one dma-buf in one file: %u and %u",
					*ret_handle, handles[i]);
		if (one)
			*ret_handle = handles[i];
		count += one;
	}
	return count;
}

static int check_all(struct cross_race *race, const struct race_attempt *attempt,
		     struct race_why *why)
{
	bool only_fd = race->variant->needs & ONLY_FD;
	int fd = race->keep, imports = 0, exports, bad = 0;
	uint32_t handle = 0;

	for (unsigned int lane = 0; lane < 2; lane++) {
		const struct race_op *op = &race->variant->lane[lane]->race.ops[0];
		long ret = attempt->lane[lane].ret[0];

		if (only_fd && op->call == op_import ? outcome_ok_or(ret, EBADF, op->name, why)
						     : outcome_ok(ret, op->name, why))
			return -1;
	}
	for (unsigned int file = 0; file < CROSS_IMPORTERS; file++) {
		int count = count_alive(race, file, &handle, why);

		if (count < 0)
			return -1;
		imports += count;
	}
	exports = alive(race, &race->cross.exporter, race->exported, why);
	if (exports < 0)
		return -1;
	if (only_fd && imports)
		bad = outcome_ok(__prime_handle_to_fd(&race->cross.importer[0], handle, &fd),
				 "the next export", why);
	if (!bad && fd >= 0)
		bad = dmabuf_check_count(fd, 1 + (race->out >= 0) + 2 * exports + 3 * imports,
					 "fds, 2 for the exporter's handle, 3 for each importer's",
					 why);
	if (only_fd)
		sys_closep(&fd);
	return bad;
}

static int check(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct cross_race *race = ctx;
	int bad = check_all(race, attempt, why);

	race->broken = bad;
	return bad;
}

static const struct lane import_i = { { "import", { { "PRIME_FD_TO_HANDLE", op_import } } }, 0 };
static const struct lane import_j = { { "import", { { "PRIME_FD_TO_HANDLE", op_import } } }, 1 };
static const struct lane export_i = { { "export", { { "PRIME_HANDLE_TO_FD", op_reexport } } }, 0 };
static const struct lane close_i = { { "close", { { "GEM_CLOSE", op_close } } }, 0 };
static const struct lane close_x = { { "exporter-close", { { "GEM_CLOSE", op_exporter_close } } },
				     0 };
static const struct lane close_fd = { { "close-fd", { { "close", op_close_fd } } }, 0 };

#define BOTH_HANDLES (EXPORTER_HANDLE | IMPORTER_HANDLE)

static const struct variant variants[] = {
	{ "import-vs-exporter-close", EXPORTER_HANDLE, { &import_i, &close_x }, outcome_both },
	{ "import-vs-fd-close", ONLY_FD, { &import_i, &close_fd }, outcome_lane0 },
	{ "import-vs-import", 0, { &import_i, &import_i }, outcome_both },
	{ "import-vs-import-two-files", 0, { &import_i, &import_j }, outcome_both },
	{ "reimport-vs-close", IMPORTER_HANDLE, { &import_i, &close_i }, classify_close },
	{ "reexport-vs-exporter-close", BOTH_HANDLES, { &export_i, &close_x }, outcome_both },
	{ "both-close", BOTH_HANDLES, { &close_i, &close_x }, outcome_both },
};

static void race_pair(const struct suite *suite, const struct cross_pair *pair, const void *data)
{
	const struct variant *variant = data;
	struct cross_race race = { .variant = variant, .keep = -1 };
	struct race_scenario scenario = {
		.name = variant->name,
		.ctx = &race,
		.nlanes = 2,
		.lanes = { variant->lane[0]->race, variant->lane[1]->race },
		.set_up = set_up,
		.tear_down = tear_down,
		.classify = variant->classify,
		.check = check,
	};

	if (variant->needs & EXPORTER_HANDLE)
		cross_require_handles(pair);
	cross_init(&race.cross, pair);
	cross_require_import(&race.cross);
	if (!(variant->needs & ONLY_FD)) {
		igt_assert_eq(set_up_only_fd(&race), 0);
		race.keep = race.fd;
	}
	suite_race(suite, &scenario);
	sys_closep(&race.keep);
	cross_finish(&race.cross);
}

igt_main
{
	static const unsigned int once = 1, twice = 2;
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("six-steps")
		cross_on_each_pair(&suite, six_steps, NULL);

	igt_subtest_with_dynamic("close-orders")
		cross_on_each_pair(&suite, close_orders, &once);

	igt_subtest_with_dynamic("close-orders-exported-twice")
		cross_on_each_pair(&suite, close_orders, &twice);

	igt_subtest_with_dynamic("random-order")
		cross_on_each_pair(&suite, random_order, NULL);

	igt_subtest_with_dynamic("import-mmap")
		cross_on_each_pair(&suite, import_mmap, NULL);

	for (volatile size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		igt_subtest_with_dynamic(variants[i].name)
			cross_on_each_pair(&suite, race_pair, &variants[i]);
}
