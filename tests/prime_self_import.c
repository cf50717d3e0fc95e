// SPDX-License-Identifier: MIT
/*
 * TEST: prime_self_import
 * Description: A device's own dma-bufs come back to it: one handle per file, one dma-buf per object,
 *		in every order of export, import, naming and closing, and against import, export and
 *		closing at the same time.
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
 * Description: The same for long random orders. One that fails is cut down to the shortest.
 *
 * SUBTEST: contents-survive
 * Description: What was written through one handle is read back through every way to the object,
 *		also after all handles were closed and the dma-buf was imported again.
 *
 * SUBTEST: import-vs-import
 * Description: PRIME_FD_TO_HANDLE twice in one file, of an object without handles. On a broken
 *		kernel the file gets two handles for one dma-buf.
 *
 * SUBTEST: import-vs-import-two-files
 * Description: The same in two files, which no lock of a file orders: both find obj->dma_buf
 *		cleared. A broken kernel sets it twice and keeps a reference.
 *
 * SUBTEST: import-vs-export
 * Description: PRIME_FD_TO_HANDLE against PRIME_HANDLE_TO_FD in one file, through a handle that the
 *		file's cache does not know yet. The import gives this handle or another, never one
 *		that the cache then loses.
 *
 * SUBTEST: import-vs-export-two-files
 * Description: The same with the handle in another file.
 *
 * SUBTEST: import-vs-fd-close
 * Description: PRIME_FD_TO_HANDLE against close(2) of the only fd, while another file has a handle.
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
 *
 * SUBTEST: reimport-twice-vs-close
 * Description: Two PRIME_FD_TO_HANDLE against GEM_CLOSE of the handle that all three share.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/contents.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/outcome.h"
#include "suite/prime_walk.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

/* Each step more takes about eight times as long; longer ones are for random-order. */
#define EVERY_ORDER_MAX 8

static void take_walks(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const bool *at_random = data;
	struct prime_walk walk;
	struct walk_subject subject = prime_walk_subject(&walk);

	prime_walk_init(&walk, device);
	if (*at_random)
		walk_random_order(suite, &subject);
	else
		walk_every_order(suite, &subject, 1, EVERY_ORDER_MAX);
	prime_walk_finish(&walk);
}

#define CONTENTS_SIZE 65536

/* What the driver table says of it, which only a real device can confirm. */
static void check_exporter(const struct drm_file *file, int fd)
{
	struct dmabuf_info info;

	dmabuf_info(fd, &info);
	igt_assert_lte_u64(CONTENTS_SIZE, info.size);
	if (file->driver != &drm_driver_other)
		igt_assert_eqstr(info.exporter, file->driver->exporter);
}

static void contents_survive(const struct suite *suite, const struct drm_device *device,
			     const void *data)
{
	struct kept kept;
	struct drm_file *files = kept.file;
	uint32_t a, b;
	bool mapped;
	int fd;

	kept_init(&kept, device, KEPT_FLINK | KEPT_PRIME);
	a = gem_create(&files[0], CONTENTS_SIZE);
	contents_write_handle(&files[0], a, CONTENTS_SIZE, 1);
	fd = prime_handle_to_fd(&files[0], a);
	check_exporter(&files[0], fd);
	b = prime_fd_to_handle(&files[1], fd);
	contents_check_handle(&files[1], b, CONTENTS_SIZE, 1, "imported by another file");
	gem_close(&files[0], a);
	contents_write_handle(&files[1], b, CONTENTS_SIZE, 2);
	gem_close(&files[1], b);
	mapped = contents_check_dmabuf(files[0].io, fd, CONTENTS_SIZE, 2);

	a = prime_fd_to_handle(&files[0], fd);
	contents_check_handle(&files[0], a, CONTENTS_SIZE, 2, "imported after the last close");
	b = gem_open(&files[1], gem_flink(&files[0], a));
	contents_check_handle(&files[1], b, CONTENTS_SIZE, 2, "opened by name");
	contents_write_handle(&files[1], b, CONTENTS_SIZE, 3);
	gem_close(&files[1], b);
	contents_check_handle(&files[0], a, CONTENTS_SIZE, 3, "written by another file");
	gem_close(&files[0], a);
	close(fd);
	igt_info("%d bytes read back through import, %sre-import and name\n", CONTENTS_SIZE,
		 mapped ? "dma-buf, " : "");
	kept_finish(&kept);
}

struct variant;

struct import_race {
	struct kept kept;
	const struct variant *variant;
	int fd;          /* the dma-buf that is imported */
	uint64_t inode;  /* of it */
	uint32_t handle; /* what is closed or exported; 0: none */
	uint32_t got[2]; /* what the lanes imported; 0: nothing */
	int out;         /* what was exported; -1: nothing */
	bool broken;     /* let go of nothing: that may be the kernel's end before the report */
};

/* What there is before the lanes run. */
struct start {
	unsigned int needs;
	int (*set_up)(void *ctx);
	unsigned int holder; /* the file that has the handle */
};

struct lane {
	struct race_lane race;
	unsigned int file;
};

/* One race. The check is the same for all: it counts what is alive. */
struct variant {
	const char *name;
	const struct start *start;
	const struct lane *lane[3];
	unsigned int most; /* handles that one file may have at the end */
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
};

static const struct drm_file *file_of(const struct import_race *race, unsigned int lane)
{
	return &race->kept.file[race->variant->lane[lane]->file];
}

static long op_import(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return __prime_fd_to_handle(file_of(race, lane), race->fd, &race->got[lane]);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return __prime_handle_to_fd(file_of(race, lane), race->handle, &race->out);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return __gem_close(file_of(race, lane), race->handle);
}

static long op_close_fd(void *ctx, unsigned int lane)
{
	struct import_race *race = ctx;

	return close(race->fd) ? -errno : 0;
}

/* The dma-buf is all there is. */
static int set_up_dmabuf(void *ctx)
{
	struct import_race *race = ctx;

	race->fd = race->kept.fd;
	race->inode = race->kept.inode;
	race->handle = race->got[0] = race->got[1] = 0;
	race->out = -1;
	return 0;
}

/* One handle, found through the dma-buf that outlives the attempts. */
static int set_up_handle(void *ctx)
{
	struct import_race *race = ctx;

	set_up_dmabuf(race);
	return kept_handle(&race->kept, race->variant->start->holder, &race->handle);
}

/* One handle that came by name, so that the holder's cache knows nothing of it. */
static int set_up_uncached(void *ctx)
{
	struct import_race *race = ctx;
	unsigned int holder = race->variant->start->holder, other = !holder;
	uint32_t handle, name;
	int ret;

	set_up_dmabuf(race);
	ret = kept_handle(&race->kept, other, &handle);
	if (ret)
		return ret;
	ret = __gem_flink(&race->kept.file[other], handle, &name);
	if (!ret)
		ret = __gem_open(&race->kept.file[holder], name, &race->handle, NULL);
	__gem_close(&race->kept.file[other], handle);
	return ret;
}

/* A new object with its handle in one file and an fd. */
static int set_up_fd_and_handle(void *ctx)
{
	struct import_race *race = ctx;
	const struct drm_file *file = &race->kept.file[race->variant->start->holder];
	int ret = set_up_handle(race);

	if (ret)
		return ret;
	ret = __prime_handle_to_fd(file, race->handle, &race->fd);
	if (ret)
		__gem_close(file, race->handle);
	else
		race->inode = dmabuf_inode(race->fd);
	return ret;
}

/* An object that nothing but one fd holds. */
static int set_up_fd(void *ctx)
{
	struct import_race *race = ctx;
	int ret = set_up_fd_and_handle(race);

	if (!ret)
		__gem_close(&race->kept.file[race->variant->start->holder], race->handle);
	race->handle = 0;
	return ret;
}

static void tear_down(void *ctx)
{
	struct import_race *race = ctx;

	if (race->broken)
		return;
	sys_closep(&race->out);
	for (unsigned int lane = 0; lane < 2; lane++)
		if (race->got[lane])
			__gem_close(file_of(race, lane), race->got[lane]);
	if (race->handle)
		__gem_close(&race->kept.file[race->variant->start->holder], race->handle);
}

/* Does the file have the handle? Naming it is the cheapest question. */
static bool is_alive(const struct drm_file *file, uint32_t handle)
{
	uint32_t name;

	return handle && __gem_flink(file, handle, &name) == 0;
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
	if (race->got[0] != race->handle)
		return RACE_IN_WINDOW;
	return is_alive(file_of(race, 0), race->got[0]) ? RACE_B_FIRST : RACE_A_FIRST;
}

/* The export enters its handle into the cache, where a later import finds it. */
static enum race_outcome classify_export(void *ctx, const struct race_attempt *attempt)
{
	struct import_race *race = ctx;

	return race->got[0] == race->handle ? RACE_B_FIRST : RACE_A_FIRST;
}

/* What a file has at the end: any of these handles, each of them once. */
struct alive {
	unsigned int count;
	uint32_t handle[3];
};

static void add_alive(struct alive *alive, const struct drm_file *file, uint32_t handle)
{
	for (unsigned int i = 0; i < alive->count; i++)
		if (alive->handle[i] == handle)
			return;
	if (is_alive(file, handle))
		alive->handle[alive->count++] = handle;
}

static struct alive find_alive(const struct import_race *race, unsigned int file)
{
	struct alive alive = { 0 };

	if (race->variant->start->holder == file)
		add_alive(&alive, &race->kept.file[file], race->handle);
	for (unsigned int lane = 0; lane < 2; lane++)
		if (race->variant->lane[lane]->file == file)
			add_alive(&alive, &race->kept.file[file], race->got[lane]);
	return alive;
}

static int check_returned(const struct import_race *race, const struct race_attempt *attempt,
			  struct race_why *why)
{
	for (unsigned int lane = 0; lane < attempt->lanes; lane++) {
		const struct race_op *op = &race->variant->lane[lane]->race.ops[0];
		long ret = attempt->lane[lane].ret[0];

		if (op->call == op_import && race->kept.fd < 0
			    ? outcome_ok_or(ret, EBADF, op->name, why)
			    : outcome_ok(ret, op->name, why))
			return -1;
	}
	return 0;
}

/* Each live handle of these races is in its file's cache, and the first of all sets the link. */
static int check_dmabuf(const struct import_race *race, int fd, unsigned int fds,
			unsigned int handles, struct race_why *why)
{
	if (dmabuf_check_inode(fd, race->inode, why))
		return -1;
	return dmabuf_check_count(fd, fds + handles + (handles > 0),
				  "the fds, each handle's cache entry, the object's link if any",
				  why);
}

static int check(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct import_race *race = ctx;
	unsigned int fds = (race->kept.fd >= 0) + (race->out >= 0), handles = 0;
	int fd = race->kept.fd, bad = 0;

	bad = check_returned(race, attempt, why);
	for (unsigned int file = 0; file < 2 && !bad; file++) {
		struct alive alive = find_alive(race, file);
		uint32_t again;

		handles += alive.count;
		if (alive.count > race->variant->most)
			bad = race_why(why, "two handles of one dma-buf in one file: %u and %u",
				       alive.handle[0], alive.handle[1]);
		else if (alive.count && fd < 0) {
			bad = outcome_ok(
				__prime_handle_to_fd(&race->kept.file[file], alive.handle[0], &fd),
				"the next export", why);
			fds += !bad;
		} else if (alive.count == 1) {
			bad = outcome_ok(__prime_fd_to_handle(&race->kept.file[file], fd, &again),
					 "the next import", why);
			if (!bad && again != alive.handle[0])
				bad = race_why(why, "the next import gives handle %u, not %u",
					       again, alive.handle[0]);
		}
	}
	if (!bad && fd >= 0)
		bad = check_dmabuf(race, fd, fds, handles, why);
	race->broken = bad;
	if (fd != race->kept.fd && !bad)
		sys_closep(&fd);
	return bad;
}

static const struct lane import_a = { { "import", { { "PRIME_FD_TO_HANDLE", op_import } } }, 0 };
static const struct lane import_b = { { "import", { { "PRIME_FD_TO_HANDLE", op_import } } }, 1 };
static const struct lane export_a = { { "export", { { "PRIME_HANDLE_TO_FD", op_export } } }, 0 };
static const struct lane export_b = { { "export", { { "PRIME_HANDLE_TO_FD", op_export } } }, 1 };
static const struct lane close_a = { { "close", { { "GEM_CLOSE", op_close } } }, 0 };
static const struct lane close_b = { { "close", { { "GEM_CLOSE", op_close } } }, 1 };
static const struct lane close_fd = { { "close-fd", { { "close", op_close_fd } } }, 0 };

#define KEPT (KEPT_FLINK | KEPT_PRIME | KEPT_OBJECT)
#define NEW  (KEPT_FLINK | KEPT_PRIME)
static const struct start only_dmabuf = { KEPT, set_up_dmabuf, 0 };
static const struct start handle_in_a = { KEPT, set_up_handle, 0 };
static const struct start handle_in_b = { KEPT, set_up_handle, 1 };
static const struct start uncached_in_a = { KEPT, set_up_uncached, 0 };
static const struct start uncached_in_b = { KEPT, set_up_uncached, 1 };
static const struct start only_fd = { NEW, set_up_fd, 0 };
static const struct start fd_and_handle_in_b = { NEW, set_up_fd_and_handle, 1 };

static const struct variant variants[] = {
	{ "import-vs-import", &only_dmabuf, { &import_a, &import_a }, 1, outcome_both },
	{ "import-vs-import-two-files", &only_dmabuf, { &import_a, &import_b }, 1, outcome_both },
	{ "import-vs-export", &uncached_in_a, { &import_a, &export_a }, 2, classify_export },
	{ "import-vs-export-two-files", &uncached_in_b, { &import_a, &export_b }, 1, outcome_both },
	{ "import-vs-fd-close", &fd_and_handle_in_b, { &import_a, &close_fd }, 1, outcome_lane0 },
	{ "reimport-vs-close", &handle_in_a, { &import_a, &close_a }, 1, classify_close },
	{ "reimport-vs-last-close", &handle_in_b, { &import_a, &close_b }, 1, outcome_both },
	{ "reimport-vs-fd-close", &only_fd, { &import_a, &close_fd }, 1, outcome_lane0 },
	{ "reimport-twice-vs-close",
	  &handle_in_a,
	  { &import_a, &import_a, &close_a },
	  1,
	  outcome_both },
};

static void race_import(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	const struct variant *variant = data;
	struct import_race race = { .variant = variant, .out = -1 };
	struct race_scenario scenario = {
		.name = variant->name,
		.ctx = &race,
		.set_up = variant->start->set_up,
		.hold = kept_hold,
		.tear_down = tear_down,
		.classify = variant->classify,
		.check = check,
	};

	for (unsigned int i = 0; i < 3 && variant->lane[i]; i++)
		scenario.lanes[scenario.nlanes++] = variant->lane[i]->race;
	kept_init(&race.kept, device, variant->start->needs);
	suite_race(suite, &scenario);
	kept_finish(&race.kept);
}

igt_main
{
	static const bool at_random = true, in_order = false;
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("every-order")
		suite_on_each_device(&suite, take_walks, &in_order);

	igt_subtest_with_dynamic("random-order")
		suite_on_each_device(&suite, take_walks, &at_random);

	igt_subtest_with_dynamic("contents-survive")
		suite_on_each_device(&suite, contents_survive, NULL);

	suite_subtests(&suite, variants, race_import);
}
