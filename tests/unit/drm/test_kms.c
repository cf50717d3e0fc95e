// SPDX-License-Identifier: MIT
/* What the framebuffer calls ask of the kernel, and what they make of its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <errno.h>
#include <string.h>

#include "drm/gem.h"
#include "drm/kms.h"

/* A kernel with framebuffer 7 of handle 3. */
struct answer {
	unsigned long request; /* the last one */
	union {
		struct drm_mode_fb_cmd fb;
		struct drm_mode_fb_cmd2 fb2;
		uint32_t id;
	} asked;
	int error;
};

static int answer_ioctl(void *data, int fd, unsigned long request, void *arg)
{
	struct answer *answer = data;

	answer->request = request;
	memcpy(&answer->asked, arg, _IOC_SIZE(request));
	if (answer->error)
		return answer->error;
	if (request == DRM_IOCTL_MODE_ADDFB)
		((struct drm_mode_fb_cmd *)arg)->fb_id = 7;
	else if (request == DRM_IOCTL_MODE_ADDFB2)
		((struct drm_mode_fb_cmd2 *)arg)->fb_id = 7;
	else if (request == DRM_IOCTL_MODE_GETFB)
		((struct drm_mode_fb_cmd *)arg)->handle = 3;
	else if (request == DRM_IOCTL_MODE_GETFB2)
		((struct drm_mode_fb_cmd2 *)arg)->handles[0] = 3;
	return 0;
}

static struct answer answer;
static const struct drm_io io = { .ioctl = answer_ioctl, .data = &answer };
static const struct drm_file file = { .fd = 5, .io = &io };

static int reset(void **state)
{
	memset(&answer, 0, sizeof(answer));
	return 0;
}

static void the_picture_fits_a_small_buffer(void **state)
{
	uint32_t fb = 0;

	assert_int_equal(__kms_add_fb(&file, 3, &fb), 0);
	assert_int_equal(fb, 7);
	assert_int_equal(answer.asked.fb.handle, 3);
	assert_true(answer.asked.fb.pitch >= answer.asked.fb.width * 4);
	assert_true(answer.asked.fb.pitch * answer.asked.fb.height <= GEM_SMALL);
	fb = 0;
	assert_int_equal(__kms_add_fb2(&file, 3, &fb), 0);
	assert_int_equal(fb, 7);
	assert_int_equal(answer.asked.fb2.handles[0], 3);
	assert_int_equal(answer.asked.fb2.handles[1], 0);
	assert_int_equal(answer.asked.fb2.pixel_format, DRM_FORMAT_XRGB8888);
	assert_true(answer.asked.fb2.pitches[0] >= answer.asked.fb2.width * 4);
	assert_true(answer.asked.fb2.pitches[0] * answer.asked.fb2.height <= GEM_SMALL);
}

static void the_handle_comes_back(void **state)
{
	uint32_t handle = 0;

	assert_int_equal(__kms_get_fb(&file, 7, &handle), 0);
	assert_int_equal(answer.asked.fb.fb_id, 7);
	assert_int_equal(handle, 3);
	handle = 0;
	assert_int_equal(__kms_get_fb2(&file, 7, &handle), 0);
	assert_int_equal(answer.asked.fb2.fb_id, 7);
	assert_int_equal(handle, 3);
	assert_int_equal(__kms_rm_fb(&file, 7), 0);
	assert_int_equal(answer.request, DRM_IOCTL_MODE_RMFB);
	assert_int_equal(answer.asked.id, 7);
}

static void a_failure_writes_nothing(void **state)
{
	uint32_t value = 99;

	answer.error = -ENOENT;
	assert_int_equal(__kms_add_fb(&file, 3, &value), -ENOENT);
	assert_int_equal(__kms_add_fb2(&file, 3, &value), -ENOENT);
	assert_int_equal(__kms_get_fb(&file, 7, &value), -ENOENT);
	assert_int_equal(__kms_get_fb2(&file, 7, &value), -ENOENT);
	assert_int_equal(__kms_rm_fb(&file, 7), -ENOENT);
	assert_int_equal(value, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_picture_fits_a_small_buffer, reset),
		cmocka_unit_test_setup(the_handle_comes_back, reset),
		cmocka_unit_test_setup(a_failure_writes_nothing, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
