// SPDX-License-Identifier: MIT
/*
 * TEST: gem_reuse_race
 * Description: A number that is given again at once never mixes two objects up.
 *
 * Handles and flink names are given out lowest first, so that the one just given back is the next
 * to be given. A call that uses the number meanwhile finds the old object, nothing, or the new one:
 * the look-up takes its reference under the lock that guards the table, file->table_lock for
 * handles and dev->object_name_lock for names, and whatever is recorded by number (the prime
 * cache) is taken out before the number is free (drm_gem_handle_delete()).
 *
 * The two objects have different sizes, each knows its own, and both live through all attempts by
 * their dma-bufs, so that their identities, places and references are known.
 *
 * SUBTEST: open-vs-name-reuse
 * Description:
 *   GEM_OPEN of a name against the GEM_CLOSE that reaps it and the GEM_FLINK that gives it to the
 *   other object. Size, contents and name of what was opened are those of one object. On a broken
 *   kernel the name still leads to the first one, or what was opened lost it.
 *
 * SUBTEST: flink-vs-handle-reuse
 * Description:
 *   GEM_FLINK of a handle that is closed and given to the other object. The name leads to the
 *   second object, or nowhere any more. A broken kernel names the one without a handle.
 *
 * SUBTEST: export-vs-handle-reuse
 * Description:
 *   PRIME_HANDLE_TO_FD of such a handle. The dma-buf is the one that the object with its size has
 *   always had, and each object has exactly its references. A broken kernel leaves one of them in
 *   the cache of a handle that leads elsewhere.
 *
 * SUBTEST: map-offset-vs-handle-reuse
 * Description:
 *   Asking where such a handle is mapped. The place is one of the two objects', and the file may
 *   map it, and finds the right contents, only when it is the second's.
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
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

enum { FIRST, SECOND, NOTHING };

static const uint32_t size_of[] = { GEM_SMALL, 2 * GEM_SMALL };

struct reuse_race {
	struct kept kept; /* the first object; handles are closed and given in file 0 */
	int second;       /* the second object's dma-buf */
	uint64_t inode[2], offset[2];
	uint32_t handle[2];
	uint32_t name, new_name;
	int found;       /* which object the look-up came to */
	uint32_t opened; /* by it, in file 1; 0: nothing */
	uint64_t seen;   /* the size, the name or the place it saw */
	int fd;          /* it exported; -1: nothing */
};

static long op_open(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __gem_open(&race->kept.file[1], race->name, &race->opened, &race->seen);
}

static long op_flink(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __gem_flink(&race->kept.file[0], race->handle[FIRST], &race->name);
}

static long op_export(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __prime_handle_to_fd(&race->kept.file[0], race->handle[FIRST], &race->fd);
}

static long op_map_offset(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __gem_mmap_offset(&race->kept.file[0], race->handle[FIRST], &race->seen);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle[FIRST]);
}

static long op_import_second(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __prime_fd_to_handle(&race->kept.file[0], race->second, &race->handle[SECOND]);
}

static long op_flink_second(void *ctx, unsigned int lane)
{
	struct reuse_race *race = ctx;

	return __gem_flink(&race->kept.file[0], race->handle[SECOND], &race->new_name);
}

static int set_up_first(void *ctx)
{
	struct reuse_race *race = ctx;

	race->handle[SECOND] = race->opened = 0;
	race->fd = -1;
	return kept_handle(&race->kept, 0, &race->handle[FIRST]);
}

/* Both have a handle, the first one the name. */
static int set_up_named(void *ctx)
{
	struct reuse_race *race = ctx;
	const struct drm_file *file = &race->kept.file[0];
	int ret = set_up_first(ctx);

	if (ret)
		return ret;
	ret = __gem_flink(file, race->handle[FIRST], &race->name);
	if (!ret)
		ret = (int)op_import_second(ctx, 0);
	if (ret)
		__gem_close(file, race->handle[FIRST]);
	return ret;
}

static void tear_down(void *ctx)
{
	struct reuse_race *race = ctx;

	if (race->opened)
		__gem_close(&race->kept.file[1], race->opened);
	if (race->handle[SECOND])
		__gem_close(&race->kept.file[0], race->handle[SECOND]);
	sys_closep(&race->fd);
}

static enum race_outcome outcome_of(int found)
{
	static const enum race_outcome outcomes[] = {
		[FIRST] = RACE_A_FIRST,
		[SECOND] = RACE_B_FIRST,
		[NOTHING] = RACE_NEITHER,
	};

	return outcomes[found];
}

/* GEM_OPEN tells the size. */
static enum race_outcome classify_open(void *ctx, const struct race_attempt *attempt)
{
	struct reuse_race *race = ctx;

	race->found = attempt->lane[0].ret[0]        ? NOTHING
		      : race->seen == size_of[FIRST] ? FIRST
						     : SECOND;
	return outcome_of(race->found);
}

/* The first object's name went with its handle; the second one has both. */
static enum race_outcome classify_flink(void *ctx, const struct race_attempt *attempt)
{
	struct reuse_race *race = ctx;
	int ret = attempt->lane[0].ret[0]
			  ? 0
			  : __gem_open(&race->kept.file[1], race->name, &race->opened, &race->seen);

	race->found = attempt->lane[0].ret[0] ? NOTHING : ret ? FIRST : SECOND;
	return outcome_of(race->found);
}

static enum race_outcome classify_export(void *ctx, const struct race_attempt *attempt)
{
	struct reuse_race *race = ctx;

	race->found = NOTHING;
	if (!attempt->lane[0].ret[0]) {
		race->seen = (uint64_t)lseek(race->fd, 0, SEEK_END);
		race->found = race->seen == size_of[FIRST] ? FIRST : SECOND;
	}
	return outcome_of(race->found);
}

static enum race_outcome classify_offset(void *ctx, const struct race_attempt *attempt)
{
	struct reuse_race *race = ctx;

	race->found = attempt->lane[0].ret[0]             ? NOTHING
		      : race->seen == race->offset[FIRST] ? FIRST
							  : SECOND;
	return outcome_of(race->found);
}

static int check_returned(const struct race_attempt *attempt, struct race_why *why)
{
	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why) ||
	    outcome_ok(attempt->lane[1].ret[1], "the call that gives the number again", why))
		return -1;
	return outcome_ok_or(attempt->lane[0].ret[0], ENOENT, "the look-up", why);
}

/* The place can be mapped in @file and is that of the object that has size @size. */
static int check_contents(const struct drm_file *file, uint64_t offset, uint32_t size,
			  struct race_why *why)
{
	uint32_t *ptr = NULL, word;
	int ret = __gem_mmap_at(file, offset, size, (void **)&ptr);

	if (ret)
		return race_why(why, "mmap of the object of %u bytes: %s", size, strerror(-ret));
	word = *ptr;
	munmap(ptr, size);
	if (word != size)
		return race_why(why, "the object of %u bytes has the contents of that of %u", size,
				word);
	return 0;
}

static int check_open(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct reuse_race *race = ctx;
	const struct drm_file *file = &race->kept.file[1];
	uint64_t offset;

	if (check_returned(attempt, why))
		return -1;
	if (race->found == NOTHING)
		return 0;
	if ((race->found == SECOND) != (race->name == race->new_name))
		return race_why(why, "name %u opened the %s object; the second one's name is %u",
				race->name, race->found == SECOND ? "second" : "first",
				race->new_name);
	if (__gem_mmap_offset(file, race->opened, &offset))
		return race_why(why, "the opened object has no place");
	if (check_contents(file, offset, size_of[race->found], why))
		return -1;
	return name_check_kept(file, race->opened, race->name, why);
}

static int check_flink(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct reuse_race *race = ctx;

	if (check_returned(attempt, why))
		return -1;
	if (race->found == SECOND && race->seen != size_of[SECOND])
		return race_why(why, "the closed handle's object kept its name %u", race->name);
	return 0;
}

static int check_export(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct reuse_race *race = ctx;

	if (check_returned(attempt, why))
		return -1;
	if (race->found != NOTHING && dmabuf_check_inode(race->fd, race->inode[race->found], why))
		return -1;
	if (dmabuf_check_count(race->kept.fd, race->found == FIRST ? 2 : 1,
			       "the first object has no handle, only fds", why))
		return -1;
	return dmabuf_check_count(race->second, race->found == SECOND ? 4 : 3,
				  "the second object's fds, its link, the file's cache", why);
}

static int check_offset(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct reuse_race *race = ctx;
	void *ptr;

	if (check_returned(attempt, why))
		return -1;
	if (race->found == NOTHING)
		return 0;
	if (race->found == SECOND)
		return check_contents(&race->kept.file[0], race->offset[SECOND], size_of[SECOND],
				      why);
	if (__gem_mmap_at(&race->kept.file[0], race->offset[FIRST], size_of[FIRST], &ptr))
		return 0;
	munmap(ptr, size_of[FIRST]);
	return race_why(why, "the file maps the first object without a handle");
}

#define REUSE(OP_NAME, OP, GIVE_NAME, GIVE, SET_UP, CLASSIFY, CHECK)                               \
	{                                                                                          \
		.nlanes = 2,                                                                       \
		.lanes = { { "look-up", { { OP_NAME, OP } } },                                     \
			   { "reuse", { { "GEM_CLOSE", op_close }, { GIVE_NAME, GIVE } } } },      \
		.set_up = SET_UP, .tear_down = tear_down, .hold = kept_hold, .classify = CLASSIFY, \
		.check = CHECK,                                                                    \
	}

static const struct race_scenario open_name = REUSE(
	"GEM_OPEN", op_open, "GEM_FLINK", op_flink_second, set_up_named, classify_open, check_open);
static const struct race_scenario flink_handle = REUSE("GEM_FLINK", op_flink, "PRIME_FD_TO_HANDLE",
						       op_import_second, set_up_first,
						       classify_flink, check_flink);
static const struct race_scenario export_handle = REUSE(
	"PRIME_HANDLE_TO_FD", op_export, "PRIME_FD_TO_HANDLE", op_import_second, set_up_first,
	classify_export, check_export);
static const struct race_scenario map_handle = REUSE("mmap offset", op_map_offset,
						     "PRIME_FD_TO_HANDLE", op_import_second,
						     set_up_first, classify_offset, check_offset);

static const struct variant {
	const char *name;
	const struct race_scenario *scenario;
	unsigned int needs;
} variants[] = {
	{ "open-vs-name-reuse", &open_name, KEPT_OBJECT | KEPT_FLINK },
	{ "flink-vs-handle-reuse", &flink_handle, KEPT_OBJECT | KEPT_FLINK },
	{ "export-vs-handle-reuse", &export_handle, KEPT_OBJECT },
	{ "map-offset-vs-handle-reuse", &map_handle, KEPT_OBJECT },
};

/* Notes what is known of an object, and writes its size into it. */
static void learn(struct reuse_race *race, int which, uint32_t handle)
{
	uint32_t *ptr = gem_mmap(&race->kept.file[0], handle, size_of[which]);

	*ptr = size_of[which];
	munmap(ptr, size_of[which]);
	race->offset[which] = gem_mmap_offset(&race->kept.file[0], handle);
	race->inode[which] = dmabuf_inode(which == FIRST ? race->kept.fd : race->second);
	gem_close(&race->kept.file[0], handle);
}

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct race_scenario scenario = *variant->scenario;
	struct reuse_race race = { .fd = -1 };
	uint32_t second;

	kept_init(&race.kept, device, variant->needs);
	second = gem_create(&race.kept.file[0], size_of[SECOND]);
	race.second = prime_handle_to_fd(&race.kept.file[0], second);
	learn(&race, SECOND, second);
	learn(&race, FIRST, prime_fd_to_handle(&race.kept.file[0], race.kept.fd));
	scenario.name = variant->name;
	scenario.ctx = &race;
	suite_race(suite, &scenario);
	sys_closep(&race.second);
	kept_finish(&race.kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);
}
