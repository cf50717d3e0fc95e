// SPDX-License-Identifier: MIT
/*
 * TEST: kms_fb_lifetime
 * Description: A framebuffer, its object's handles, name and dma-buf, and the file that made it.
 *
 * A framebuffer holds a handle reference of its object, since 5307dce878d4 ("drm/gem: Acquire
 * references on GEM handles for framebuffers") and f6bfc9afc752: the name and obj->dma_buf outlive
 * GEM_CLOSE as long as the framebuffer lives, so that a handle got from it (GETFB, GETFB2) leads to
 * the same name and the same dma-buf. RMFB, or closing the drm file that made it, lets go of all
 * that. Without that reference the object comes back to life without them.
 *
 * No CRTC shows any of these framebuffers, and no call here needs the master.
 *
 * SUBTEST: name-and-dma-buf-outlive-close
 * Description:
 *   Name, export, add a framebuffer, close handle and fd; the framebuffer's handle has the same
 *   name and exports the same dma-buf, for ADDFB and ADDFB2, GETFB and GETFB2. A broken kernel has
 *   lost both, and makes a second dma-buf of one object.
 *
 * SUBTEST: rmfb-lets-go
 * Description:
 *   RMFB of a framebuffer that is all that held the object's handle: the name is gone, of the
 *   dma-buf only the fd is left, and the framebuffer cannot be found. A broken kernel keeps any.
 *
 * SUBTEST: file-close-lets-go
 * Description: The same by closing the drm file that made the framebuffer.
 *
 * SUBTEST: not-anyones-to-remove
 * Description: Another file can look a framebuffer up, and cannot remove it.
 *
 * SUBTEST: addfb-vs-close
 * Description:
 *   ADDFB2 against GEM_CLOSE of the object's last handle: it comes too late, or the framebuffer has
 *   the object with its dma-buf. A broken kernel makes a second dma-buf of one object.
 *
 * SUBTEST: rmfb-vs-rmfb
 * Description: Two RMFBs of one framebuffer: exactly one succeeds.
 *
 * SUBTEST: getfb-vs-rmfb
 * Description:
 *   GETFB2 in another file against the RMFB that drops the object's last handle reference: nothing,
 *   or a handle of an object that never lost its name and its dma-buf.
 *
 * SUBTEST: open-vs-rmfb
 * Description: The same for GEM_OPEN of the name.
 *
 * SUBTEST: import-vs-rmfb
 * Description: The same for PRIME_FD_TO_HANDLE, which always finds the object.
 *
 * SUBTEST: getfb-vs-file-close
 * Description: getfb-vs-rmfb with close(2) of the drm file in the place of RMFB.
 *
 * SUBTEST: open-vs-file-close
 * Description: open-vs-rmfb with close(2) of the drm file.
 *
 * SUBTEST: import-vs-file-close
 * Description: import-vs-rmfb with close(2) of the drm file.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/kms.h"
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

struct fb_race {
	struct kept kept; /* file 1 looks up what another file made */
	const struct drm_device *device;
	struct drm_file maker; /* of the framebuffer: file 0, or one that the attempt closes */
	uint32_t handle, fb, name;
	uint32_t got; /* a handle in file 1; 0: none */
};

/* Two ways to make a framebuffer and two to get its handle: all four must agree. */
static const struct {
	const char *name;
	int (*add)(const struct drm_file *file, uint32_t handle, uint32_t *ret_fb);
	int (*get)(const struct drm_file *file, uint32_t fb, uint32_t *ret_handle);
} ways[] = {
	{ "ADDFB, GETFB", __kms_add_fb, __kms_get_fb },
	{ "ADDFB, GETFB2", __kms_add_fb, __kms_get_fb2 },
	{ "ADDFB2, GETFB", __kms_add_fb2, __kms_get_fb },
	{ "ADDFB2, GETFB2", __kms_add_fb2, __kms_get_fb2 },
};

static void open_kept(struct kept *kept, const struct drm_device *device, unsigned int needs)
{
	kept_init(kept, device, needs);
	drm_require_modeset(&kept->file[0]);
}

static void outlive_close(const struct suite *suite, const struct drm_device *device,
			  const void *data)
{
	const struct drm_file *file, *other;
	struct kept kept;

	open_kept(&kept, device, KEPT_PRIME | KEPT_FLINK);
	file = &kept.file[0];
	other = &kept.file[1];
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		uint32_t handle = gem_create(file, GEM_SMALL), name, fb = 0, got = 0;
		uint64_t inode;
		int fd, ret;

		name = gem_flink(file, handle);
		fd = prime_handle_to_fd(file, handle);
		inode = dmabuf_inode(fd);
		ret = ways[i].add(file, handle, &fb);
		igt_assert_f(ret == 0, "%s: %s\n", ways[i].name, strerror(-ret));
		gem_close(file, handle);
		close(fd);

		ret = __gem_open(other, name, &handle, NULL);
		igt_assert_f(ret == 0, "%s: name %u of a live framebuffer is gone: %s\n",
			     ways[i].name, name, strerror(-ret));
		gem_close(other, handle);
		ret = ways[i].get(other, fb, &got);
		igt_assert_f(ret == 0 && got, "%s: %s\n", ways[i].name,
			     ret ? strerror(-ret) : "no handle");
		igt_assert_eq_u32(gem_flink(other, got), name);
		fd = prime_handle_to_fd(other, got);
		igt_assert_f(dmabuf_inode(fd) == inode, "%s: one object, two dma-bufs\n",
			     ways[i].name);
		close(fd);
		gem_close(other, got);
		kms_rm_fb(file, fb);
		igt_assert_eq(__gem_open(other, name, &handle, NULL), -ENOENT);
	}
	igt_info("4 ways to make a framebuffer and to get its handle\n");
	kept_finish(&kept);
}

/* A framebuffer of @maker's of the kept object, whose handle it closes again. */
static int make_fb(struct fb_race *race, const struct drm_file *maker)
{
	int ret = __prime_fd_to_handle(maker, race->kept.fd, &race->handle);

	if (ret)
		return ret;
	ret = __gem_flink(maker, race->handle, &race->name);
	if (!ret)
		ret = __kms_add_fb2(maker, race->handle, &race->fb);
	__gem_close(maker, race->handle);
	return ret;
}

static void expect_gone(struct fb_race *race, const char *when)
{
	struct race_why why;
	uint32_t handle;
	int ret = __kms_get_fb2(&race->kept.file[1], race->fb, &handle);

	igt_assert_f(ret == -ENOENT, "%s GETFB2 gives %s\n", when,
		     ret ? strerror(-ret) : "a handle");
	igt_assert_f(!name_check_reaped(&race->kept.file[1], race->name, &why), "%s %s\n", when,
		     why.text);
	igt_assert_f(!dmabuf_check_count(race->kept.fd, 1, "only the fd is left", &why), "%s %s\n",
		     when, why.text);
}

static void lets_go(const struct suite *suite, const struct drm_device *device, const void *data)
{
	bool close_file = data;
	struct fb_race race = { .maker = DRM_FILE_CLOSED };
	struct race_why why;

	open_kept(&race.kept, device, KEPT_OBJECT | KEPT_FLINK);
	drm_file_open(device, &race.maker);
	igt_assert_eq(make_fb(&race, &race.maker), 0);
	igt_assert_f(!dmabuf_check_count(race.kept.fd, 2, "the fd and the object's link", &why),
		     "with the framebuffer alone: %s\n", why.text);
	if (!close_file)
		kms_rm_fb(&race.maker, race.fb);
	else
		drm_file_close(&race.maker);
	expect_gone(&race, close_file ? "after close:" : "after RMFB:");
	drm_file_close(&race.maker);
	kept_finish(&race.kept);
}

static void not_anyones(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	struct fb_race race = { 0 };
	uint32_t handle;

	open_kept(&race.kept, device, KEPT_OBJECT | KEPT_FLINK);
	igt_assert_eq(make_fb(&race, &race.kept.file[0]), 0);
	igt_assert_eq(__kms_rm_fb(&race.kept.file[1], race.fb), -ENOENT);
	igt_assert_eq(__kms_get_fb2(&race.kept.file[1], race.fb, &handle), 0);
	gem_close(&race.kept.file[1], handle);
	kms_rm_fb(&race.kept.file[0], race.fb);
	expect_gone(&race, "after RMFB:");
	kept_finish(&race.kept);
}

static long op_add(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __kms_add_fb2(&race->kept.file[0], race->handle, &race->fb);
}

static long op_close(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __gem_close(&race->kept.file[0], race->handle);
}

static long op_remove(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __kms_rm_fb(&race->maker, race->fb);
}

static long op_close_maker(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return race->maker.io->close(race->maker.io->data, race->maker.fd);
}

static long op_get(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __kms_get_fb2(&race->kept.file[1], race->fb, &race->got);
}

static long op_open(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __gem_open(&race->kept.file[1], race->name, &race->got, NULL);
}

static long op_import(void *ctx, unsigned int lane)
{
	struct fb_race *race = ctx;

	return __prime_fd_to_handle(&race->kept.file[1], race->kept.fd, &race->got);
}

static int set_up_handle(void *ctx)
{
	struct fb_race *race = ctx;

	race->fb = race->got = 0;
	return kept_handle(&race->kept, 0, &race->handle);
}

static int set_up_fb(void *ctx)
{
	struct fb_race *race = ctx;

	race->got = 0;
	race->maker = race->kept.file[0];
	return make_fb(race, &race->maker);
}

static int set_up_maker(void *ctx)
{
	struct fb_race *race = ctx;
	int ret = __drm_file_open(&drm_io_kernel, race->device->primary, &race->maker);

	race->got = 0;
	if (ret)
		return ret;
	ret = make_fb(race, &race->maker);
	if (ret)
		drm_file_close(&race->maker);
	return ret;
}

static void tear_down(void *ctx)
{
	struct fb_race *race = ctx;

	if (race->got)
		__gem_close(&race->kept.file[1], race->got);
}

static void remove_added(void *ctx)
{
	struct fb_race *race = ctx;

	tear_down(ctx);
	if (race->fb)
		__kms_rm_fb(&race->kept.file[0], race->fb);
}

/* The handle in file 1 leads to the object's one and only dma-buf. */
static int check_dmabuf(struct fb_race *race, struct race_why *why)
{
	int fd, bad, ret = __prime_handle_to_fd(&race->kept.file[1], race->got, &fd);

	if (ret)
		return race_why(why, "export of a live handle: %s", strerror(-ret));
	bad = dmabuf_check_inode(fd, race->kept.inode, why);
	close(fd);
	return bad;
}

static int check_add(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fb_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "GEM_CLOSE of a live handle", why))
		return -1;
	/* the driver looks the handle up, and not all of them say ENOENT */
	if (ret != -EINVAL && outcome_ok_or(ret, ENOENT, "ADDFB2", why))
		return -1;
	if (ret)
		return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
	if (outcome_ok(op_get(ctx, 0), "GETFB2 of a live framebuffer", why))
		return -1;
	return check_dmabuf(race, why);
}

static int check_removes(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fb_race *race = ctx;

	if (outcome_only_one(attempt, ENOENT, "RMFB", "one framebuffer, two RMFBs", why))
		return -1;
	return dmabuf_check_count(race->kept.fd, 1, "no handle is left, only the fd", why);
}

/* Found in time the object never was without a handle: it has its name and its dma-buf. */
static int check_found(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fb_race *race = ctx;
	long ret = attempt->lane[0].ret[0];

	if (outcome_ok(attempt->lane[1].ret[0], "letting go of the framebuffer", why) ||
	    outcome_ok_or(ret, ENOENT, "the look-up", why))
		return -1;
	if (ret)
		return name_check_reaped(&race->kept.file[1], race->name, why) ||
				       dmabuf_check_count(race->kept.fd, 1, "only the fd is left",
							  why)
			       ? -1
			       : 0;
	if (name_check_kept(&race->kept.file[1], race->got, race->name, why))
		return -1;
	return check_dmabuf(race, why);
}

/* The import may as well bring back to life an object that has lost its name. */
static int check_import(void *ctx, const struct race_attempt *attempt, struct race_why *why)
{
	struct fb_race *race = ctx;

	if (outcome_ok(attempt->lane[1].ret[0], "letting go of the framebuffer", why) ||
	    outcome_ok(attempt->lane[0].ret[0], "import of an open dma-buf", why) ||
	    dmabuf_check_count(race->kept.fd, 3, "the fd, the object's link, the file's cache",
			       why))
		return -1;
	return check_dmabuf(race, why);
}

/* One row a race: who meets whom, where it starts from, and what must hold. */
static const struct variant {
	const char *name;
	struct race_op first, second;
	int (*set_up)(void *ctx);
	void (*tear_down)(void *ctx);
	int (*check)(void *ctx, const struct race_attempt *attempt, struct race_why *why);
	bool both; /* always succeed */
} variants[] = {
	{ "addfb-vs-close",
	  { "ADDFB2", op_add },
	  { "GEM_CLOSE", op_close },
	  set_up_handle,
	  remove_added,
	  check_add,
	  false },
	{ "rmfb-vs-rmfb",
	  { "RMFB", op_remove },
	  { "RMFB", op_remove },
	  set_up_fb,
	  tear_down,
	  check_removes,
	  false },
	{ "getfb-vs-rmfb",
	  { "GETFB2", op_get },
	  { "RMFB", op_remove },
	  set_up_fb,
	  tear_down,
	  check_found,
	  false },
	{ "open-vs-rmfb",
	  { "GEM_OPEN", op_open },
	  { "RMFB", op_remove },
	  set_up_fb,
	  tear_down,
	  check_found,
	  false },
	{ "import-vs-rmfb",
	  { "PRIME_FD_TO_HANDLE", op_import },
	  { "RMFB", op_remove },
	  set_up_fb,
	  tear_down,
	  check_import,
	  true },
	{ "getfb-vs-file-close",
	  { "GETFB2", op_get },
	  { "close", op_close_maker },
	  set_up_maker,
	  tear_down,
	  check_found,
	  false },
	{ "open-vs-file-close",
	  { "GEM_OPEN", op_open },
	  { "close", op_close_maker },
	  set_up_maker,
	  tear_down,
	  check_found,
	  false },
	{ "import-vs-file-close",
	  { "PRIME_FD_TO_HANDLE", op_import },
	  { "close", op_close_maker },
	  set_up_maker,
	  tear_down,
	  check_import,
	  true },
};

static void run(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct variant *variant = data;
	struct fb_race race = { .device = device };
	struct race_scenario scenario = {
		.name = variant->name,
		.nlanes = 2,
		.lanes = { { "first", { variant->first } }, { "second", { variant->second } } },
		.ctx = &race,
		.set_up = variant->set_up,
		.tear_down = variant->tear_down,
		.classify = variant->both ? outcome_both : outcome_lane0,
		.check = variant->check,
		.hold = kept_hold,
	};

	open_kept(&race.kept, device, KEPT_OBJECT | KEPT_FLINK);
	suite_race(suite, &scenario);
	kept_finish(&race.kept);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("name-and-dma-buf-outlive-close")
		suite_on_each_device(&suite, outlive_close, NULL);

	igt_subtest_with_dynamic("rmfb-lets-go")
		suite_on_each_device(&suite, lets_go, NULL);

	igt_subtest_with_dynamic("file-close-lets-go")
		suite_on_each_device(&suite, lets_go, "the file");

	igt_subtest_with_dynamic("not-anyones-to-remove")
		suite_on_each_device(&suite, not_anyones, NULL);

	suite_subtests(&suite, variants, run);
}
