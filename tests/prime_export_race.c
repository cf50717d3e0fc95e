// SPDX-License-Identifier: MIT
/*
 * TEST: prime_export_race
 * Description: PRIME export against every way of closing, and against another export.
 *
 * An object has one dma-buf as long as either lives. obj->dma_buf leads to it while the object has
 * a handle; the last close drops that link and its reference, or the two would keep each other for
 * ever. Both happen under dev->object_name_lock, since 319c933c71f3 ("drm/prime: proper
 * locking+refcounting for obj->dma_buf link"), and so does entering the handle into the file's
 * cache, since d0b2c5334f41 ("drm/prime: Always add exported buffers to the handle cache"). The fd
 * is installed last: from then on anybody may close it.
 *
 * The references are counted: a dma-buf's fdinfo says how many there are, and each is known.
 *
 * Two files share an object by its name, of which their caches know nothing, or by its dma-buf, so
 * that both caches have it.
 *
 * SUBTEST: export-vs-close
 * Description: PRIME_HANDLE_TO_FD of a new object against GEM_CLOSE of its only handle. On a broken
 *		kernel the handle's references stay on the exported dma-buf for ever. The window is
 *		narrow: the race takes three times as long as others.
 *
 * SUBTEST: export-vs-close-cached
 * Description: The same for an object that has its dma-buf already, so that the export finds it in
 *		the file's cache while the close takes it out. Three times as long, too.
 *
 * SUBTEST: export-vs-close-by-*
 * Description: PRIME_HANDLE_TO_FD in one file against GEM_CLOSE in another that shares the object.
 *
 * SUBTEST: export-vs-export
 * Description: PRIME_HANDLE_TO_FD twice with one new handle. A broken kernel enters it twice, or
 *		makes two dma-bufs of one object.
 *
 * SUBTEST: export-vs-export-by-*
 * Description: Two files that share an object export it at the same time. A broken kernel makes two
 *		dma-bufs of one object.
 *
 * SUBTEST: export-vs-last-fd-close*
 * Description: PRIME_HANDLE_TO_FD against close(2) of the dma-buf's only fd. A broken kernel gives out
 *		a dma-buf whose count has been zero.
 *
 * SUBTEST: export-vs-early-fd-close*
 * Description: PRIME_HANDLE_TO_FD against close(2) of the very number that it is about to return. A
 *		broken kernel goes on using a dma-buf that is gone.
 *
 * SUBTEST: export-vs-file-close*
 * Description: PRIME_HANDLE_TO_FD against close(2) of the drm fd it is called on.
 *
 * SUBTEST: export-twice-vs-close*
 * Description: Two PRIME_HANDLE_TO_FD against a GEM_CLOSE: three lanes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

#define LANES 3

struct variant;

struct export_race {
	struct kept kept;
	const struct variant *variant;
	const struct drm_device *device;
	uint32_t handle[2]; /* of each file; 0: none */
	bool cached[2];     /* beforehand */
	int fd[LANES];      /* what the lanes exported; -1: nothing */
	int last;           /* the dma-buf's only fd, which a lane closes; -1: none */
	int early;          /* the number of the next fd */
	uint64_t inode;     /* 0: no dma-buf yet */
	bool broken;        /* let go of nothing: that may be the kernel's end before the report */
};

/* How the object comes to be in the files. */
struct start {
	unsigned int needs;
	bool other;     /* the second file has a handle, too */
	bool by_name;   /* which it got by the name */
	bool only_fd;   /* race.last is the dma-buf's only fd */
	bool file_dies; /* the first file is closed by each attempt */
	bool narrow;    /* a window that only a stall of the exporter opens */
};

struct lane {
	struct race_lane race;
	unsigned int file;
};

struct variant {
	const char *name;
	const struct start *start;
	const struct lane *lane[LANES];
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
};

/* A second's 2,000 attempts are too few where a hit takes some 1,500: one in four sees none. */
#define NARROW_TIMES 3

static const struct drm_file *file_of(const struct export_race *race, unsigned int lane)
{
	return &race->kept.file[race->variant->lane[lane]->file];
}

static long op_export(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;
	uint32_t handle = race->handle[race->variant->lane[lane]->file];

	return __prime_handle_to_fd(file_of(race, lane), handle, &race->fd[lane]);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return __gem_close(file_of(race, lane), race->handle[0]);
}

static long op_close_last(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return close(race->last) ? -errno : 0;
}

static long op_close_early(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return close(race->early) ? -errno : 0;
}

static long op_close_file(void *ctx, unsigned int lane)
{
	struct export_race *race = ctx;

	return close(race->kept.file[0].fd) ? -errno : 0;
}

static int share(struct export_race *race)
{
	uint32_t name;
	int ret;

	if (!race->variant->start->by_name) {
		race->cached[1] = true;
		return __prime_fd_to_handle(&race->kept.file[1],
					    race->last >= 0 ? race->last : race->kept.fd,
					    &race->handle[1]);
	}
	ret = __gem_flink(&race->kept.file[0], race->handle[0], &name);
	return ret ? ret : __gem_open(&race->kept.file[1], name, &race->handle[1], NULL);
}

static int start_file(struct export_race *race)
{
	race->kept.file[0].fd = -1;
	return __drm_file_open(&drm_io_kernel, race->device->primary, &race->kept.file[0]);
}

/* Nothing of an attempt is left in a file: the handles go, and with them the caches. */
static void drop(struct export_race *race)
{
	sys_closep(&race->last);
	for (unsigned int lane = 0; lane < LANES; lane++)
		sys_closep(&race->fd[lane]);
	for (unsigned int file = 0; file < 2; file++)
		if (race->handle[file])
			__gem_close(&race->kept.file[file], race->handle[file]);
}

static int set_up(void *ctx)
{
	struct export_race *race = ctx;
	const struct start *start = race->variant->start;
	int ret = start->file_dies ? start_file(race) : 0;

	race->handle[0] = race->handle[1] = 0;
	race->fd[0] = race->fd[1] = race->fd[2] = race->last = -1;
	race->cached[0] = start->only_fd || race->kept.fd >= 0;
	race->cached[1] = false;
	race->inode = race->kept.inode;
	if (!ret)
		ret = kept_handle(&race->kept, 0, &race->handle[0]);
	if (!ret && start->only_fd) {
		ret = __prime_handle_to_fd(&race->kept.file[0], race->handle[0], &race->last);
		race->inode = ret ? 0 : dmabuf_inode(race->last);
	}
	if (!ret && start->other)
		ret = share(race);
	if (ret) {
		drop(race);
		return ret;
	}
	race->early = fcntl(race->kept.file[1].fd, F_DUPFD_CLOEXEC, 0);
	close(race->early);
	return 0;
}

static void tear_down(void *ctx)
{
	struct export_race *race = ctx;

	if (!race->broken)
		drop(race);
}

/* What is there after an attempt, by what the calls returned. */
struct end {
	bool alive[2]; /* each file's handle */
	bool cached[2];
	unsigned int fds;
	int fd; /* one of them, or -1 */
};

static void add_fd(struct end *end, int fd)
{
	if (fd < 0)
		return;
	end->fds++;
	end->fd = fd;
}

static bool closes(const struct race_op *op, unsigned int file, unsigned int of)
{
	return file == of && (op->call == op_close || op->call == op_close_file);
}

/* A file's export may come too late where a lane closes its handle or the file itself. */
static int check_export(const struct export_race *race, long ret, unsigned int file,
			struct race_why *why)
{
	for (unsigned int lane = 0; lane < LANES && race->variant->lane[lane]; lane++) {
		const struct lane *other = race->variant->lane[lane];

		if (closes(&other->race.ops[0], other->file, file))
			return outcome_ok_or(ret,
					     other->race.ops[0].call == op_close ? ENOENT : EBADF,
					     "PRIME_HANDLE_TO_FD", why);
	}
	return outcome_ok(ret, "PRIME_HANDLE_TO_FD", why);
}

/* One lane's result: what it has closed or exported. */
static int account(struct export_race *race, unsigned int lane, long ret, struct end *end,
		   struct race_why *why)
{
	const struct lane *entry = race->variant->lane[lane];
	const struct race_op *op = &entry->race.ops[0];

	if (op->call == op_export) {
		end->cached[entry->file] |= ret == 0;
		if (!ret && dmabuf_inode(race->fd[lane])) {
			if (!race->inode)
				race->inode = dmabuf_inode(race->fd[lane]);
			if (dmabuf_check_inode(race->fd[lane], race->inode, why))
				return -1;
		}
		return check_export(race, ret, entry->file, why);
	}
	if (op->call == op_close_early)
		return outcome_ok_or(ret, EBADF, "close of the next fd", why);
	if (op->call == op_close_last)
		race->last = -1;
	if (op->call == op_close_file)
		race->kept.file[0].fd = -1;
	if (closes(op, entry->file, 0)) {
		end->alive[0] = false;
		race->handle[0] = 0;
	}
	return outcome_ok(ret, op->name, why);
}

/* Where the lane that closes the next fd has found it, the exported fd is gone. */
static int forget_early(struct export_race *race, const struct race_attempt *attempt,
			struct race_why *why)
{
	for (unsigned int lane = 0; lane < attempt->lanes; lane++) {
		const struct race_op *op = &race->variant->lane[lane]->race.ops[0];

		if (op->call != op_close_early || attempt->lane[lane].ret[0])
			continue;
		if (race->fd[0] != race->early)
			return race_why(why, "fd %d was closed, but the export returned %d",
					race->early, race->fd[0]);
		race->fd[0] = -1;
	}
	return 0;
}

static int check_count(struct export_race *race, struct end *end, struct race_why *why)
{
	bool linked = false;
	int64_t count;

	/* No fd is left, but a handle is: the dma-buf it leads to is the one there was. */
	for (unsigned int file = 0; file < 2 && end->fd < 0; file++)
		if (end->alive[file]) {
			if (outcome_ok(__prime_handle_to_fd(&race->kept.file[file],
							    race->handle[file], &race->fd[2]),
				       "the next export", why))
				return -1;
			end->cached[file] = true;
			add_fd(end, race->fd[2]);
		}
	if (end->fd < 0)
		return 0;
	count = end->fds;
	for (unsigned int file = 0; file < 2; file++) {
		count += end->alive[file] && end->cached[file];
		linked |= end->alive[file];
	}
	if (race->inode && dmabuf_check_inode(end->fd, race->inode, why))
		return -1;
	return dmabuf_check_count(end->fd, count + linked,
				  "fds, the object's link if it has a handle, caches", why);
}

static int check(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct export_race *race = ctx;
	struct end end = {
		.alive = { race->handle[0], race->handle[1] },
		.cached = { race->cached[0], race->cached[1] },
		.fd = -1,
	};
	int bad = forget_early(race, attempt, why);

	for (unsigned int lane = 0; lane < attempt->lanes && !bad; lane++)
		bad = account(race, lane, attempt->lane[lane].ret[0], &end, why);
	for (unsigned int lane = 0; lane < LANES; lane++)
		add_fd(&end, race->fd[lane]);
	add_fd(&end, race->last);
	add_fd(&end, race->kept.fd);
	if (!bad)
		bad = check_count(race, &end, why);
	race->broken = bad;
	return bad;
}

static const struct lane export_a = { { "export", { { "PRIME_HANDLE_TO_FD", op_export } } }, 0 };
static const struct lane export_b = { { "export", { { "PRIME_HANDLE_TO_FD", op_export } } }, 1 };
static const struct lane close_a = { { "close", { { "GEM_CLOSE", op_close } } }, 0 };
static const struct lane close_last = { { "close-fd", { { "close", op_close_last } } }, 0 };
static const struct lane close_early = { { "close-fd", { { "close", op_close_early } } }, 0 };
static const struct lane close_file = { { "close-file", { { "close", op_close_file } } }, 0 };

#define NEW    KEPT_PRIME
#define KEPT   (KEPT_PRIME | KEPT_OBJECT)
#define SHARED KEPT_FLINK

static const struct start fresh = { .needs = NEW };
static const struct start fresh_narrow = { .needs = NEW, .narrow = true };
static const struct start old_narrow = { .needs = KEPT, .narrow = true };
static const struct start named = { .needs = NEW | SHARED, .other = true, .by_name = true };
static const struct start both = { .needs = KEPT, .other = true };
static const struct start one_fd = { .needs = NEW, .only_fd = true };
static const struct start one_fd_named = {
	.needs = NEW | SHARED, .other = true, .by_name = true, .only_fd = true
};
static const struct start one_fd_both = { .needs = NEW, .other = true, .only_fd = true };
static const struct start dying = { .needs = NEW, .file_dies = true };
static const struct start dying_named = {
	.needs = NEW | SHARED, .other = true, .by_name = true, .file_dies = true
};
static const struct start dying_both = { .needs = KEPT, .other = true, .file_dies = true };

static const struct variant variants[] = {
	{ "export-vs-close", &fresh_narrow, { &export_a, &close_a }, outcome_lane0 },
	{ "export-vs-close-cached", &old_narrow, { &export_a, &close_a }, outcome_lane0 },
	{ "export-vs-close-by-flink", &named, { &export_b, &close_a }, outcome_both },
	{ "export-vs-close-by-dma-buf", &both, { &export_b, &close_a }, outcome_both },
	{ "export-vs-export", &fresh, { &export_a, &export_a }, outcome_both },
	{ "export-vs-export-by-flink", &named, { &export_a, &export_b }, outcome_both },
	{ "export-vs-export-by-dma-buf", &both, { &export_a, &export_b }, outcome_both },
	{ "export-vs-last-fd-close", &one_fd, { &export_a, &close_last }, outcome_both },
	{ "export-vs-last-fd-close-by-flink",
	  &one_fd_named,
	  { &export_b, &close_last },
	  outcome_both },
	{ "export-vs-last-fd-close-by-dma-buf",
	  &one_fd_both,
	  { &export_b, &close_last },
	  outcome_both },
	{ "export-vs-early-fd-close", &fresh, { &export_a, &close_early }, outcome_lane1 },
	{ "export-vs-early-fd-close-by-flink", &named, { &export_b, &close_early }, outcome_lane1 },
	{ "export-vs-early-fd-close-by-dma-buf",
	  &both,
	  { &export_b, &close_early },
	  outcome_lane1 },
	{ "export-vs-file-close", &dying, { &export_a, &close_file }, outcome_lane0 },
	{ "export-vs-file-close-by-flink",
	  &dying_named,
	  { &export_a, &close_file },
	  outcome_lane0 },
	{ "export-vs-file-close-by-dma-buf",
	  &dying_both,
	  { &export_a, &close_file },
	  outcome_lane0 },
	{ "export-twice-vs-close", &fresh, { &export_a, &export_a, &close_a }, outcome_both },
	{ "export-twice-vs-close-by-flink",
	  &named,
	  { &export_a, &export_b, &close_a },
	  outcome_both },
	{ "export-twice-vs-close-by-dma-buf",
	  &both,
	  { &export_a, &export_b, &close_a },
	  outcome_both },
};

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct suite longer = *suite;
	struct export_race race = { .variant = variant, .device = device };
	struct race_scenario scenario = {
		.name = variant->name,
		.ctx = &race,
		.set_up = set_up,
		.hold = kept_hold,
		.tear_down = tear_down,
		.classify = variant->classify,
		.check = check,
	};

	for (unsigned int i = 0; i < LANES && variant->lane[i]; i++) {
		if (variant->lane[i]->race.ops[0].call == op_export)
			scenario.exposed |= 1u << i;
		scenario.lanes[scenario.nlanes++] = variant->lane[i]->race;
	}
	kept_init(&race.kept, device, variant->start->needs);
	if (variant->start->file_dies)
		drm_file_close(&race.kept.file[0]);
	longer.settings.race_ms *= variant->start->narrow ? NARROW_TIMES : 1;
	suite_race(&longer, &scenario);
	kept_finish(&race.kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
