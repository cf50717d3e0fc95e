// SPDX-License-Identifier: MIT
/*
 * TEST: gem_change_handle
 * Description: DRM_IOCTL_GEM_CHANGE_HANDLE gives an object another handle in its file.
 *
 * Meant for restoring a process, the call came in 53096728b891 ("drm: Add DRM prime interface to
 * reassign GEM handle"), needed several security fixes and was switched off again; the comment
 * above drm_gem_change_handle_ioctl() asks for tests of all corner cases and races before it may
 * come back. Where it is off every subtest skips.
 *
 * What is expected: the handle moves, with the file's right to map and its entry in the prime
 * cache; the name and the count of handles do not notice. At each moment the object has one of the
 * two handles or, while the change is under way, none that works. A change that fails changes
 * nothing. Handle 0 is never valid, a handle that is taken is refused, and to change a handle to
 * itself is at most a no-op, which needs that handle to be there.
 *
 * SUBTEST: moves
 * Description:
 *   The new handle leads to the object, its contents and its place, the old one nowhere; closing the
 *   new one frees the object. A broken kernel loses the object.
 *
 * SUBTEST: refuses
 * Description:
 *   Handles 0, numbers no handle can have, handles that are not there or taken, in every combination
 *   that must fail; each leaves both handles as they were. A broken kernel takes 0 for any free
 *   handle and loses the object, or warns of a negative number.
 *
 * SUBTEST: same-handle
 * Description:
 *   Changing a handle to itself changes nothing, and fails when there is no such handle.
 *
 * SUBTEST: largest-handle
 * Description: INT_MAX is the largest handle an idr can have. It works or it is refused.
 *
 * SUBTEST: name-follows
 * Description:
 *   The flink name is the same after the change, opens the object, and goes with the new handle.
 *
 * SUBTEST: prime-follows
 * Description:
 *   An import after the change gives the new handle; references on the dma-buf are the same, and go
 *   with the new handle. Also with a second handle in the file, and with the dma-buf made in
 *   another file. A broken kernel gives the dead handle, or keeps a reference.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "drm/dmabuf.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "suite/suite.h"

#define FAR     1000u /* a handle that no test comes to by counting */
#define FARTHER 2000u

/* Where the call is off it is -EINVAL, whatever the handles. */
static void require_call(const struct drm_file *file)
{
	int ret = __gem_change_handle(file, FAR, FARTHER);

	igt_require_f(ret != -EINVAL, "GEM_CHANGE_HANDLE is switched off or not there\n");
	igt_assert_f(ret == -ENOENT, "change of a handle that is not there: %s\n",
		     ret ? strerror(-ret) : "success");
}

static void open_kept(struct kept *kept, const struct drm_device *device, unsigned int needs)
{
	kept_init(kept, device, needs);
	require_call(&kept->file[0]);
}

/* The cheapest question that needs the object: 0, or -ENOENT. */
static int ask(const struct drm_file *file, uint32_t handle)
{
	uint64_t offset;

	return __gem_mmap_offset(file, handle, &offset);
}

static void expect_dead(const struct drm_file *file, uint32_t handle, const char *when)
{
	int ret = ask(file, handle);

	igt_assert_f(ret == -ENOENT, "%s: handle %u gives %s instead of ENOENT\n", when, handle,
		     ret ? strerror(-ret) : "an object");
}

/* The objects of these tests know what they are: their first word. */
static uint32_t create_marked(const struct drm_file *file, uint32_t mark)
{
	uint32_t handle = gem_create(file, GEM_SMALL);
	uint32_t *ptr = gem_mmap(file, handle, GEM_SMALL);

	*ptr = mark;
	munmap(ptr, GEM_SMALL);
	return handle;
}

static void expect_mark(const struct drm_file *file, uint32_t handle, uint32_t mark,
			const char *when)
{
	uint32_t *ptr = NULL, word;
	int ret = __gem_mmap(file, handle, GEM_SMALL, (void **)&ptr);

	igt_assert_f(ret == 0, "%s: handle %u cannot be mapped: %s\n", when, handle,
		     strerror(-ret));
	word = *ptr;
	munmap(ptr, GEM_SMALL);
	igt_assert_f(word == mark, "%s: handle %u leads to object %#x, not %#x\n", when, handle,
		     word, mark);
}

static void change(const struct drm_file *file, uint32_t handle, uint32_t new_handle)
{
	int ret = __gem_change_handle(file, handle, new_handle);

	igt_assert_f(ret == 0, "change of handle %u to %u: %s\n", handle, new_handle,
		     strerror(-ret));
}

static void moves(const struct suite *suite, const struct drm_device *device, const void *data)
{
	const struct drm_file *file;
	uint32_t first, second;
	struct kept kept;
	uint64_t offset;

	open_kept(&kept, device, 0);
	file = &kept.file[0];
	first = create_marked(file, 0xaa);
	second = create_marked(file, 0xbb);
	offset = gem_mmap_offset(file, first);
	change(file, first, FAR);
	expect_dead(file, first, "after the change");
	expect_mark(file, FAR, 0xaa, "after the change");
	igt_assert_eq_u64(gem_mmap_offset(file, FAR), offset);
	igt_assert_eq(__gem_close(file, first), -EINVAL);

	change(file, second, first);
	expect_mark(file, first, 0xbb, "in the place of the other object");
	expect_mark(file, FAR, 0xaa, "beside it");
	change(file, FAR, second);
	expect_mark(file, second, 0xaa, "after the exchange");
	gem_close(file, first);
	gem_close(file, second);
	expect_dead(file, second, "after the close");
	igt_info("3 changes, each followed to the object\n");
	kept_finish(&kept);
}

static void expect_refused(const struct drm_file *file, uint32_t handle, uint32_t new_handle,
			   const char *why)
{
	int ret = __gem_change_handle(file, handle, new_handle);

	igt_assert_f(ret < 0, "change of handle %#x to %#x succeeds: %s\n", handle, new_handle,
		     why);
	igt_assert_f(ret != -ENOMEM, "change of handle %#x to %#x: no memory\n", handle,
		     new_handle);
}

static void refuses(const struct suite *suite, const struct drm_device *device, const void *data)
{
	static const uint32_t none[] = { 0, FAR, INT32_MAX, 0x80000000, 0x80000001, UINT32_MAX };
	static const uint32_t never[] = { 0, 0x80000000, 0x80000001, UINT32_MAX };
	const struct drm_file *file;
	uint32_t first, second, next;
	struct kept kept;

	open_kept(&kept, device, 0);
	file = &kept.file[0];
	first = create_marked(file, 0xaa);
	second = create_marked(file, 0xbb);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		expect_refused(file, first, never[i], "no handle can have that number");
		expect_mark(file, first, 0xaa, "after a refused change");
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		expect_refused(file, none[i], FARTHER, "no such handle");
		expect_refused(file, none[i], first, "no such handle");
	}
	expect_refused(file, first, second, "that handle is taken");
	expect_refused(file, second, first, "that handle is taken");
	expect_mark(file, first, 0xaa, "after all refusals");
	expect_mark(file, second, 0xbb, "after all refusals");
	expect_dead(file, FARTHER, "after refused changes to it");
	change(file, first, FARTHER);
	next = gem_create(file, GEM_SMALL);
	igt_assert_f(next == first, "a refused change keeps handle %u: the next is %u\n", first,
		     next);
	gem_close(file, next);
	gem_close(file, FARTHER);
	gem_close(file, second);
	igt_info("18 changes refused, nothing changed\n");
	kept_finish(&kept);
}

static void same_handle(const struct suite *suite, const struct drm_device *device,
			const void *data)
{
	const struct drm_file *file;
	struct kept kept;
	uint32_t handle;
	int ret;

	open_kept(&kept, device, 0);
	file = &kept.file[0];
	handle = create_marked(file, 0xaa);
	ret = __gem_change_handle(file, handle, handle);
	expect_mark(file, handle, 0xaa, "after a change to itself");
	gem_close(file, handle);
	expect_refused(file, handle, handle, "no such handle");
	expect_refused(file, 0, 0, "0 is no handle");
	igt_info("to itself: %s\n", ret ? strerror(-ret) : "a no-op");
	kept_finish(&kept);
}

static void largest_handle(const struct suite *suite, const struct drm_device *device,
			   const void *data)
{
	const struct drm_file *file;
	struct kept kept;
	uint32_t handle;
	int ret;

	open_kept(&kept, device, 0);
	file = &kept.file[0];
	handle = create_marked(file, 0xaa);
	ret = __gem_change_handle(file, handle, INT32_MAX);
	expect_mark(file, ret ? handle : INT32_MAX, 0xaa, "after a change to INT_MAX");
	expect_dead(file, ret ? INT32_MAX : handle, "after a change to INT_MAX");
	gem_close(file, ret ? handle : INT32_MAX);
	igt_info("INT_MAX: %s\n", ret ? strerror(-ret) : "works");
	kept_finish(&kept);
}

static void name_follows(const struct suite *suite, const struct drm_device *device,
			 const void *data)
{
	const struct drm_file *file;
	uint32_t handle, name;
	struct race_why why;
	struct kept kept;

	open_kept(&kept, device, KEPT_FLINK);
	file = &kept.file[0];
	handle = gem_create(file, GEM_SMALL);
	name = gem_flink(file, handle);
	change(file, handle, FAR);
	igt_assert_f(!name_check_kept(file, FAR, name, &why), "%s\n", why.text);
	gem_close(file, FAR);
	igt_assert_f(!name_check_reaped(file, name, &why), "%s\n", why.text);
	kept_finish(&kept);
}

static void expect_count(const struct kept *kept, int64_t want, const char *when)
{
	struct dmabuf_info info;

	dmabuf_info(kept->fd, &info);
	igt_assert_f(info.count == want,
		     "%s: %" PRId64 " references on the dma-buf instead of %" PRId64 "\n", when,
		     info.count, want);
}

static void prime_follows(const struct suite *suite, const struct drm_device *device,
			  const void *data)
{
	const struct drm_file *file, *other;
	uint32_t handle, second;
	struct kept kept;

	open_kept(&kept, device, KEPT_OBJECT | KEPT_FLINK);
	file = &kept.file[0];
	other = &kept.file[1];
	handle = prime_fd_to_handle(file, kept.fd);
	change(file, handle, FAR);
	igt_assert_eq_u32(prime_fd_to_handle(file, kept.fd), FAR);
	expect_count(&kept, 3, "fd, link and cache after the change");

	second = gem_open(file, gem_flink(file, FAR));
	change(file, second, FARTHER);
	expect_dead(file, second, "second handle after its change");
	handle = prime_fd_to_handle(file, kept.fd);
	igt_assert_f(handle == FAR || handle == FARTHER,
		     "the import gives handle %u, which is neither of the two\n", handle);
	gem_close(file, FARTHER);
	expect_count(&kept, 3, "fd, link and cache after closing the second handle");
	igt_assert_eq_u32(prime_fd_to_handle(file, kept.fd), FAR);

	handle = gem_open(other, gem_flink(file, FAR));
	change(other, handle, FARTHER);
	gem_close(other, FARTHER);
	expect_count(&kept, 3, "after a change in a file that never exported");
	gem_close(file, FAR);
	expect_count(&kept, 1, "with no handle left");
	igt_info("3 changes: alone, as a second handle, in another file\n");
	kept_finish(&kept);
}

static const struct suite_row subtests[] = {
	{ "moves", moves },
	{ "refuses", refuses },
	{ "same-handle", same_handle },
	{ "largest-handle", largest_handle },
	{ "name-follows", name_follows },
	{ "prime-follows", prime_follows },
};

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	suite_subtests(&suite, subtests, suite_run_row);
}
