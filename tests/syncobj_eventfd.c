// SPDX-License-Identifier: MIT
/*
 * TEST: syncobj_eventfd
 * Description:
 *   Eventfds on points of a timeline that are past, here or to come.
 *
 *   syncobj_eventfd_entry_func() looks for the fence of the point each time a point is added. A
 *   point that is past has none any more (a 2024 fix puts a stub in its place), a point that is to
 *   come leaves a reference to be put. A broken kernel warns and forgets the eventfd, or leaks a
 *   fence with each.
 *
 * SUBTEST: past-point
 * Description: Told at once, though a later point has taken the fence's place.
 *
 * SUBTEST: next-point
 * Description: Told when the point comes, not before.
 *
 * SUBTEST: future-point
 * Description: A point that never comes: once the object is gone, so are all fences.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drm/file.h"
#include "drm/syncobj.h"
#include "igt/assert.h"
#include "igt/subtest.h"
#include "suite/fences.h"
#include "suite/suite.h"

#define EVENTS 64

struct timeline {
	struct drm_file file;
	uint32_t handle;
	int event;
};

static void start(struct timeline *timeline, const struct drm_device *device)
{
	int ret;

	drm_file_open(device, &timeline->file);
	syncobj_require(&timeline->file, true);
	timeline->handle = syncobj_create(&timeline->file, 0);
	timeline->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	igt_assert_fd(timeline->event);
	/* the ioctl is younger than timelines; handle 0 is never given out */
	ret = __syncobj_eventfd(&timeline->file, 0, 1, 0, timeline->event);
	igt_require_f(ret == -ENOENT, "no SYNCOBJ_EVENTFD in this kernel: %s\n", strerror(-ret));
}

static void finish(struct timeline *timeline)
{
	close(timeline->event);
	drm_file_close(&timeline->file);
}

static void watch(const struct timeline *timeline, uint64_t point)
{
	int ret = __syncobj_eventfd(&timeline->file, timeline->handle, point, 0, timeline->event);

	igt_assert_f(ret == 0, "SYNCOBJ_EVENTFD on point %llu: %s\n", (unsigned long long)point,
		     strerror(-ret));
}

static uint64_t told(const struct timeline *timeline)
{
	uint64_t count = 0;

	if (read(timeline->event, &count, sizeof(count)) < 0)
		igt_assert_f(errno == EAGAIN, "reading the eventfd: %s\n", strerror(errno));
	return count;
}

static void past_point(const struct suite *suite, const struct drm_device *device, const void *data)
{
	struct timeline timeline;

	start(&timeline, device);
	syncobj_timeline_signal(&timeline.file, timeline.handle, 1);
	syncobj_timeline_signal(&timeline.file, timeline.handle, 2);
	watch(&timeline, 1);
	igt_assert_f(told(&timeline) == 1, "an eventfd on a point that is past was not told\n");
	finish(&timeline);
}

static void next_point(const struct suite *suite, const struct drm_device *device, const void *data)
{
	struct timeline timeline;

	start(&timeline, device);
	syncobj_timeline_signal(&timeline.file, timeline.handle, 1);
	watch(&timeline, 2);
	igt_assert_f(told(&timeline) == 0, "told of point 2 at point 1\n");
	syncobj_timeline_signal(&timeline.file, timeline.handle, 2);
	igt_assert_f(told(&timeline) == 1, "not told of point 2 at point 2\n");
	finish(&timeline);
}

static void future_point(const struct suite *suite, const struct drm_device *device,
			 const void *data)
{
	struct timeline timeline;
	struct census *census;
	int64_t left;

	start(&timeline, device);
	census = fences_count();
	for (int i = 0; i < EVENTS; i++) {
		syncobj_destroy(&timeline.file, timeline.handle);
		timeline.handle = syncobj_create(&timeline.file, 0);
		syncobj_timeline_signal(&timeline.file, timeline.handle, 1);
		watch(&timeline, 5);
	}
	syncobj_destroy(&timeline.file, timeline.handle);
	left = fences_left(census, EVENTS);
	igt_assert_f(left <= 0, "%lld fences are left of %d timelines that are gone\n",
		     (long long)left, EVENTS);
	finish(&timeline);
}

igt_main
{
	struct suite suite = { 0 };

	igt_fixture
		suite_setup(&suite);

	igt_subtest_with_dynamic("past-point")
		suite_on_each_device(&suite, past_point, NULL);
	igt_subtest_with_dynamic("next-point")
		suite_on_each_device(&suite, next_point, NULL);
	igt_subtest_with_dynamic("future-point")
		suite_on_each_device(&suite, future_point, NULL);
}
