// SPDX-License-Identifier: MIT
/*
 * TEST: gem_mmap_race
 * Description: The right to map a buffer through the drm file, and what a mapping keeps alive.
 *
 * A file may map an object as long as it has a handle for it, since ca481c9b2a3a ("drm/gem:
 * implement vma access management"): the offset stays valid as long as the object lives, the right
 * goes with the file's last handle. The look-up by offset takes no part in the reference count, so
 * it has to leave alone an object whose count has come to 0, since 2225cfe46bcc ("drm/gem: Use
 * kref_get_unless_zero for the weak mmap references"). A mapping then holds the object, and each
 * copy of it that fork(), mremap() or munmap() of a part makes counts as another user of its pages.
 *
 * SUBTEST: mmap-vs-last-close
 * Description:
 *   mmap of a buffer against GEM_CLOSE of its last handle. A mapping made in time works and holds
 *   the object; else there is none. A broken kernel maps what is being freed.
 *
 * SUBTEST: mmap-vs-last-close-kept
 * Description:
 *   The same with the object kept by its dma-buf: only the right to map it goes. A broken kernel
 *   leaves that right behind.
 *
 * SUBTEST: foreign-mmap-vs-last-close
 * Description:
 *   mmap in a file that has no handle against GEM_CLOSE of the last one elsewhere, which frees the
 *   object. It must be refused either way; a broken kernel takes a reference on an object that is
 *   dying, and frees it once more when it drops that.
 *
 * SUBTEST: right-ends-with-last-handle
 * Description:
 *   The offset is kept and the handle closed while a dma-buf keeps the object: mmap must fail in
 *   every file that has no handle, and work again with a new one; with two handles only the second
 *   close ends it. A broken kernel maps the object for a file that gave it up.
 *
 * SUBTEST: mapping-outlives-all
 * Description:
 *   A mapping works after the handle, the dma-buf and the drm file are gone, and its munmap frees
 *   the object.
 *
 * SUBTEST: fork
 * Description:
 *   A child's copy of a mapping goes while the parent's stays, and the other way round; the pages
 *   stay with the one that is left, also those that it had not touched yet. A broken kernel gives
 *   them back with the first munmap.
 *
 * SUBTEST: split
 * Description:
 *   What is left of a mapping when munmap() took a page out of its middle leads to the buffer's own
 *   pages, in their places, and counts as a user of them. A broken kernel shows other pages: it
 *   takes the place in the area for the place in the buffer.
 *
 * SUBTEST: move
 * Description:
 *   A mapping that mremap() moved leads to the same pages, those it had not touched yet as well,
 *   and is one user of them still.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/child.h"
#include "igt/subtest.h"
#include "suite/kept.h"
#include "suite/outcome.h"
#include "suite/race.h"
#include "suite/suite.h"
#include "sys/file.h"

#define PAGES 4
#define SIZE  (PAGES * GEM_SMALL)
#define WORDS (GEM_SMALL / 4) /* of a page */

struct mmap_race {
	struct kept kept;
	unsigned int mapper; /* the file that maps; the handle is in file 0 */
	uint32_t handle;
	uint64_t offset;
	uint32_t *ptr; /* NULL: not mapped */
};

static long op_mmap(void *ctx, unsigned int lane)
{
	struct mmap_race *race = ctx;

	return __gem_mmap_at(&race->kept.file[race->mapper], race->offset, GEM_SMALL,
			     (void **)&race->ptr);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct mmap_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle);
}

static int set_up_offset(void *ctx)
{
	struct mmap_race *race = ctx;
	int ret = kept_handle(&race->kept, 0, &race->handle);

	race->ptr = NULL;
	if (ret)
		return ret;
	ret = __gem_mmap_offset(&race->kept.file[0], race->handle, &race->offset);
	if (ret)
		__gem_close(&race->kept.file[0], race->handle);
	return ret;
}

static void unmap(void *ctx)
{
	struct mmap_race *race = ctx;

	if (race->ptr)
		munmap(race->ptr, GEM_SMALL);
}

/* -EACCES before the object is gone, -EINVAL after it: both before the close has returned. */
static enum race_outcome classify_foreign(void *ctx, const struct race_attempt *attempt)
{
	return attempt->lane[0].ret[0] == -EACCES ? RACE_A_FIRST : RACE_B_FIRST;
}

/*
 * -EACCES while something holds the object, -EINVAL without it. A mapping may hold either the
 * object or, with TTM, only what is behind it.
 */
static int check_gone(struct mmap_race *race, bool accept_eacces, bool accept_einval,
		      struct race_why *why)
{
	void *ptr;
	int ret = __gem_mmap_at(&race->kept.file[0], race->offset, GEM_SMALL, &ptr);

	if ((accept_eacces && ret == -EACCES) || (accept_einval && ret == -EINVAL))
		return 0;
	if (!ret)
		munmap(ptr, GEM_SMALL);
	return race_why(why, "mmap without a handle: %s", ret ? strerror(-ret) : "success");
}

static int check_mmap(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct mmap_race *race = ctx;
	long ret = attempt->lane[0].ret[0];
	bool kept = race->kept.fd >= 0;

	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why))
		return -1;
	if (ret && ret != -EACCES && (ret != -EINVAL || kept))
		return race_why(why, "mmap, too late, gives %s", strerror((int)-ret));
	if (race->ptr) {
		race->ptr[WORDS - 1] = (uint32_t)attempt->index;
		if (race->ptr[WORDS - 1] != (uint32_t)attempt->index)
			return race_why(why, "the mapping forgets what is written to it");
	}
	return check_gone(race, kept || !ret, !kept, why);
}

static int check_foreign(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct mmap_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why))
		return -1;
	if (ret != -EACCES && ret != -EINVAL)
		return race_why(why, "mmap without a handle: %s",
				ret ? strerror((int)-ret) : "success");
	return check_gone(race, false, true, why);
}

struct variant {
	const char *name;
	unsigned int needs;
	unsigned int mapper;
	enum race_outcome (*classify)(void *ctx, const struct race_attempt *attempt);
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
};

static const struct variant variants[] = {
	{ "mmap-vs-last-close", 0, 0, outcome_lane0, check_mmap },
	{ "mmap-vs-last-close-kept", KEPT_OBJECT, 0, outcome_lane0, check_mmap },
	{ "foreign-mmap-vs-last-close", 0, 1, classify_foreign, check_foreign },
};

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct mmap_race race = { .mapper = variant->mapper };
	const struct race_scenario scenario = {
		.name = variant->name,
		.nlanes = 2,
		.lanes = {
			{ "mmap", { { "mmap", op_mmap } } },
			{ "close", { { "GEM_CLOSE", op_close } } },
		},
		.ctx = &race,
		.set_up = set_up_offset,
		.tear_down = unmap,
		.classify = variant->classify,
		.check = variant->check,
		.hold = kept_hold,
	};

	kept_init(&race.kept, device, variant->needs);
	suite_race(suite, &scenario);
	kept_finish(&race.kept);
}

/* @want: 0 or an errno. */
static void expect_mmap(const struct drm_file *file, uint64_t offset, int want, const char *when)
{
	void *ptr;
	int ret = __gem_mmap_at(file, offset, GEM_SMALL, &ptr);

	if (!ret)
		munmap(ptr, GEM_SMALL);
	igt_assert_f(ret == -want, "mmap %s: %s instead of %s\n", when,
		     ret ? strerror(-ret) : "success", want ? strerror(want) : "success");
}

static void right_ends(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct drm_file *file, *other;
	uint32_t handle, second;
	struct kept kept;
	uint64_t offset;

	kept_init(&kept, device, KEPT_OBJECT | KEPT_FLINK);
	file = &kept.file[0];
	other = &kept.file[1];
	handle = prime_fd_to_handle(file, kept.fd);
	offset = gem_mmap_offset(file, handle);
	expect_mmap(file, offset, 0, "with a handle");
	expect_mmap(other, offset, EACCES, "in a file that never had a handle");
	second = gem_open(file, gem_flink(file, handle));
	gem_close(file, handle);
	expect_mmap(file, offset, 0, "with the second of two handles");
	gem_close(file, second);
	expect_mmap(file, offset, EACCES, "after the last close");
	handle = prime_fd_to_handle(other, kept.fd);
	expect_mmap(other, offset, 0, "with the other file's handle");
	expect_mmap(file, offset, EACCES, "with a handle in the other file only");
	gem_close(other, handle);
	sys_closep(&kept.fd);
	expect_mmap(file, offset, EINVAL, "after the object");
	igt_info("7 rules of the right to map hold\n");
	kept_finish(&kept);
}

static uint32_t pattern(unsigned int page)
{
	return 0x9e3779b9u * (page + 1);
}

static void fill(uint32_t *ptr, unsigned int first, unsigned int end)
{
	for (unsigned int page = first; page < end; page++)
		ptr[page * WORDS] = pattern(page);
}

/* Through the kernel, which gives an error where touching the page would be a SIGBUS. */
static void expect_page(const uint32_t *ptr, unsigned int page, const char *when)
{
	uint32_t word = 0;
	int fd[2];

	igt_assert_eq(pipe(fd), 0);
	igt_assert_f(write(fd[1], ptr, sizeof(word)) == sizeof(word) &&
			     read(fd[0], &word, sizeof(word)) == sizeof(word),
		     "%s: page %u cannot be read: %s\n", when, page, strerror(errno));
	close(fd[0]);
	close(fd[1]);
	for (unsigned int other = 0; other < PAGES; other++)
		igt_assert_f(other == page || word != pattern(other), "%s: page %u shows page %u\n",
			     when, page, other);
	igt_assert_f(word == pattern(page), "%s: page %u reads %#x, written was %#x\n", when, page,
		     word, pattern(page));
}

static void outlives_all(const struct suite *suite, const struct drm_device *device,
			 const void *data)
{
	struct kept kept;
	uint32_t handle;
	uint32_t *ptr;

	kept_init(&kept, device, 0);
	handle = gem_create(&kept.file[0], SIZE);
	ptr = gem_mmap(&kept.file[0], handle, SIZE);
	fill(ptr, 0, PAGES / 2);
	gem_close(&kept.file[0], handle);
	fill(ptr, PAGES / 2, PAGES);
	kept_finish(&kept);
	for (unsigned int page = 0; page < PAGES; page++)
		expect_page(ptr + page * WORDS, page, "after the drm file");
	munmap(ptr, SIZE);
	igt_info("%d pages read back through a mapping that was all there was\n", PAGES);
}

/* Waits until the other end is closed; it writes nothing. */
static void wait_for_end(int fd)
{
	char byte;

	igt_assert_f(read(fd, &byte, 1) == 0, "no word from the parent: %s\n", strerror(errno));
}

static void child_goes_first(const struct drm_file *file)
{
	uint32_t handle = gem_create(file, SIZE);
	uint32_t *ptr = gem_mmap(file, handle, SIZE);

	fill(ptr, 0, 1);
	gem_close(file, handle);
	igt_fork(child, 1) {
		expect_page(ptr, 0, "in the child");
		fill(ptr, 1, 2);
	}
	igt_waitchildren_timeout(10, "the child with a copy of the mapping");
	expect_page(ptr, 0, "after the child");
	expect_page(ptr + WORDS, 1, "written by the child");
	fill(ptr, 2, PAGES);
	expect_page(ptr + 2 * WORDS, 2, "touched after the child");
	munmap(ptr, SIZE);
}

static void parent_goes_first(const struct drm_file *file)
{
	uint32_t handle = gem_create(file, SIZE);
	uint32_t *ptr = gem_mmap(file, handle, SIZE);
	int fd[2];

	fill(ptr, 0, 1);
	gem_close(file, handle);
	igt_assert_eq(pipe(fd), 0);
	igt_fork(child, 1) {
		close(fd[1]);
		wait_for_end(fd[0]);
		expect_page(ptr, 0, "in the child, after the parent's munmap");
		fill(ptr, 1, PAGES);
		expect_page(ptr + WORDS, 1, "touched after the parent's munmap");
	}
	munmap(ptr, SIZE);
	close(fd[0]);
	close(fd[1]);
	igt_waitchildren_timeout(10, "the child with the last copy of the mapping");
}

#define FORKS 10

static void forked(const struct suite *suite, const struct drm_device *device, const void *data)
{
	struct kept kept;

	kept_init(&kept, device, 0);
	for (unsigned int i = 0; i < FORKS; i++) {
		child_goes_first(&kept.file[0]);
		parent_goes_first(&kept.file[0]);
	}
	igt_info("%d forks, the last munmap by the parent and by the child\n", 2 * FORKS);
	kept_finish(&kept);
}

/* A new mapping of a buffer with a pattern in each page, of which nothing is touched yet. */
static uint32_t *map_filled(struct kept *kept)
{
	uint32_t handle = gem_create(&kept->file[0], SIZE);
	uint32_t *ptr = gem_mmap(&kept->file[0], handle, SIZE);

	fill(ptr, 0, PAGES);
	munmap(ptr, SIZE);
	ptr = gem_mmap(&kept->file[0], handle, SIZE);
	gem_close(&kept->file[0], handle);
	return ptr;
}

static void split(const struct suite *suite, const struct drm_device *device, const void *data)
{
	struct kept kept;
	uint32_t *ptr;

	kept_init(&kept, device, 0);
	ptr = map_filled(&kept);
	munmap(ptr + WORDS, GEM_SMALL);
	expect_page(ptr, 0, "before the cut");
	expect_page(ptr + 2 * WORDS, 2, "behind the cut");
	expect_page(ptr + 3 * WORDS, 3, "behind the cut");
	munmap(ptr, SIZE);
	igt_info("3 pages read back through a mapping that was cut\n");
	kept_finish(&kept);
}

static void move(const struct suite *suite, const struct drm_device *device, const void *data)
{
	uint32_t *ptr, *moved, *place;
	struct kept kept;

	kept_init(&kept, device, 0);
	ptr = map_filled(&kept);
	expect_page(ptr, 0, "touched before");
	place = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(place != MAP_FAILED);
	moved = mremap(ptr, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	igt_assert_f(moved == place, "mremap: %s\n", strerror(errno));
	for (unsigned int page = 0; page < PAGES; page++)
		expect_page(moved + page * WORDS, page, "moved");
	munmap(moved, SIZE);
	igt_info("%d pages read back through a mapping that was moved\n", PAGES);
	kept_finish(&kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, variants, run);

	igt_subtest_with_dynamic("right-ends-with-last-handle")
		suite_on_each_device(&suite, right_ends, NULL);

	igt_subtest_with_dynamic("mapping-outlives-all")
		suite_on_each_device(&suite, outlives_all, NULL);

	igt_subtest_with_dynamic("fork")
		suite_on_each_device(&suite, forked, NULL);

	igt_subtest_with_dynamic("split")
		suite_on_each_device(&suite, split, NULL);

	igt_subtest_with_dynamic("move")
		suite_on_each_device(&suite, move, NULL);
}
