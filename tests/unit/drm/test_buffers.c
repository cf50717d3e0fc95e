// SPDX-License-Identifier: MIT
/* Every driver of the table makes, maps, names, shares and closes a buffer, on the mock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <amdgpu_drm.h>
#include <drm.h>
#include <drm_mode.h>
#include <errno.h>
#include <i915_drm.h>
#include <string.h>

#include "drm/caps.h"
#include "drm/gem.h"
#include "drm/prime.h"
#include "mock.h"

static void open_mock(struct mock *mock, const char *driver, struct drm_file *file)
{
	mock_init(mock, driver);
	assert_int_equal(__drm_file_open(&mock->io, "/dev/dri/card0", file), 0);
}

static void every_driver_makes_a_buffer(void **state)
{
	for (const struct drm_driver *driver = drm_drivers; driver->name; driver++) {
		uint32_t handle = 0, name = 0, again = 0;
		struct drm_file file;
		struct mock mock;
		uint64_t size = 0;
		void *ptr;
		int fd = -1;

		open_mock(&mock, driver->name, &file);
		assert_ptr_equal(file.driver, driver);
		assert_int_equal(__gem_create(&file, 5000, &handle), 0);
		assert_int_not_equal(handle, 0);
		assert_true(mock.size[handle - 1] >= 5000);
		assert_int_equal(__gem_mmap(&file, handle, 5000, &ptr), 0);
		assert_int_equal(mock.mmap_offset, handle);
		assert_int_equal(__gem_flink(&file, handle, &name), 0);
		assert_int_equal(__gem_open(&file, name, &again, &size), 0);
		assert_int_equal(size, mock.size[handle - 1]);
		assert_int_equal(__prime_handle_to_fd(&file, handle, &fd), 0);
		assert_int_equal(__gem_close(&file, again), 0);
		assert_int_equal(__prime_fd_to_handle(&file, fd, &again), 0);
		assert_int_equal(again, handle);
		assert_int_equal(__gem_close(&file, handle), 0);
		assert_int_equal(__gem_close(&file, handle), -EINVAL);
		drm_file_close(&file);
		drm_file_close(&file);
		assert_int_equal(mock.opened, mock.closed);
	}
}

static void names_are_unique(void **state)
{
	for (const struct drm_driver *a = drm_drivers; a->name; a++) {
		assert_ptr_equal(drm_driver_find(a->name), a);
		assert_true(strlen(a->name) < 32);
	}
	assert_null(drm_driver_find(""));
	assert_null(drm_driver_find("no-such-driver"));
}

static void unknown_driver_has_dumb_buffers(void **state)
{
	struct drm_file file;
	struct mock mock;
	uint32_t handle;

	open_mock(&mock, "brand-new", &file);
	assert_ptr_equal(file.driver, &drm_driver_other);
	assert_int_equal(__gem_create(&file, 1, &handle), 0);
	assert_int_equal(mock.size[handle - 1], 4096);
}

static void errors_leave_results_alone(void **state)
{
	static const struct {
		const char *driver;
		unsigned long create, map;
	} table[] = {
		{ "vgem", DRM_IOCTL_MODE_CREATE_DUMB, DRM_IOCTL_MODE_MAP_DUMB },
		{ "i915", DRM_IOCTL_I915_GEM_CREATE, DRM_IOCTL_I915_GEM_MMAP_OFFSET },
		{ "xe", XE_IOCTL_GEM_CREATE, XE_IOCTL_GEM_MMAP_OFFSET },
		{ "amdgpu", DRM_IOCTL_AMDGPU_GEM_CREATE, DRM_IOCTL_AMDGPU_GEM_MMAP },
		{ "msm", MSM_IOCTL_GEM_NEW, MSM_IOCTL_GEM_INFO },
		{ "panfrost", PANFROST_IOCTL_CREATE_BO, RENDER_IOCTL_MMAP_BO },
		{ "v3d", V3D_IOCTL_CREATE_BO, RENDER_IOCTL_MMAP_BO },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint32_t handle = 77;
		struct drm_file file;
		struct mock mock;
		void *ptr = &file;

		open_mock(&mock, table[i].driver, &file);
		mock.fail_request = table[i].create;
		mock.fail_error = -ENOMEM;
		assert_int_equal(__gem_create(&file, 4096, &handle), -ENOMEM);
		assert_int_equal(handle, 77);
		mock.fail_request = table[i].map;
		mock.fail_error = -EPERM;
		assert_int_equal(__gem_create(&file, 4096, &handle), 0);
		assert_int_equal(__gem_mmap(&file, handle, 4096, &ptr), -EPERM);
		assert_ptr_equal(ptr, &file);
	}
}

static void too_large_is_refused(void **state)
{
	static const char *const drivers[] = { "vgem", "panfrost", "v3d" };
	struct drm_file file;
	struct mock mock;
	uint32_t handle = 77;

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		open_mock(&mock, drivers[i], &file);
		assert_int_equal(__gem_create(&file, 1ull << 60, &handle), -EINVAL);
		assert_int_equal(handle, 77);
	}
}

static void i915_maps_by_placement(void **state)
{
	struct drm_file file;
	struct mock mock;
	uint32_t handle;
	void *ptr;

	open_mock(&mock, "i915", &file);
	assert_int_equal(__gem_create(&file, 4096, &handle), 0);
	assert_int_equal(__gem_mmap(&file, handle, 4096, &ptr), 0);
	assert_int_equal(mock.last.i915_mode, I915_MMAP_OFFSET_WB);
	mock.discrete = true;
	assert_int_equal(__gem_mmap(&file, handle, 4096, &ptr), 0);
	assert_int_equal(mock.last.i915_mode, I915_MMAP_OFFSET_FIXED);
	assert_int_equal(__gem_mmap(&file, handle + 1, 4096, &ptr), -ENOENT);
}

static void amdgpu_uses_system_memory(void **state)
{
	struct drm_file file;
	struct mock mock;
	uint32_t handle;

	open_mock(&mock, "amdgpu", &file);
	assert_int_equal(__gem_create(&file, 4096, &handle), 0);
	assert_int_equal(mock.last.domains, AMDGPU_GEM_DOMAIN_GTT);
}

static void xe_asks_for_system_memory(void **state)
{
	struct drm_file file;
	struct mock mock;
	uint32_t handle;

	open_mock(&mock, "xe", &file);
	assert_int_equal(__gem_create(&file, 5000, &handle), 0);
	assert_int_equal(mock.last.placement, 1 << 3);
	assert_int_equal(mock.size[handle - 1], 8192);
	mock.regions[1].min_page_size = 65536;
	assert_int_equal(__gem_create(&file, 5000, &handle), 0);
	assert_int_equal(mock.size[handle - 1], 65536);
	mock.regions[1].min_page_size = 0;
	assert_int_equal(__gem_create(&file, 5000, &handle), 0);
	assert_int_equal(mock.size[handle - 1], 8192);
}

static void xe_distrusts_its_regions(void **state)
{
	struct drm_file file;
	struct mock mock;
	uint32_t handle = 77;

	open_mock(&mock, "xe", &file);
	mock.regions[1].mem_class = 1;
	assert_int_equal(__gem_create(&file, 4096, &handle), -ENODEV);
	mock.regions[1].mem_class = XE_MEM_CLASS_SYSMEM;
	mock.regions[1].instance = 32;
	assert_int_equal(__gem_create(&file, 4096, &handle), -EPROTO);
	mock.regions_size = 4;
	assert_int_equal(__gem_create(&file, 4096, &handle), -EPROTO);
	mock.regions_size = 1 << 30;
	assert_int_equal(__gem_create(&file, 4096, &handle), -EPROTO);
	/* claims two regions, has room for one: the second must not be read */
	mock.regions_size = sizeof(struct xe_query_mem_regions) + sizeof(struct xe_mem_region);
	assert_int_equal(__gem_create(&file, 4096, &handle), -ENODEV);
	mock.regions_size = 0;
	mock.fail_request = XE_IOCTL_DEVICE_QUERY;
	mock.fail_error = -EACCES;
	assert_int_equal(__gem_create(&file, 4096, &handle), -EACCES);
	assert_int_equal(handle, 77);
}

static void opening_can_fail(void **state)
{
	struct drm_file file = DRM_FILE_CLOSED;
	struct mock mock;

	mock_init(&mock, "vgem");
	mock.open_error = -EACCES;
	assert_int_equal(__drm_file_open(&mock.io, "/dev/dri/card0", &file), -EACCES);
	mock.open_error = 0;
	mock.fail_request = DRM_IOCTL_VERSION;
	mock.fail_error = -ENOTTY;
	assert_int_equal(__drm_file_open(&mock.io, "/dev/dri/card0", &file), -ENOTTY);
	assert_int_equal(mock.opened, mock.closed);
	assert_int_equal(file.fd, -1);
	mock_init(&mock, "a-name-that-is-longer-than-any-driver-should-have");
	assert_int_equal(__drm_file_open(&mock.io, "/dev/dri/card0", &file), 0);
	assert_ptr_equal(file.driver, &drm_driver_other);
	drm_file_close(&file);
}

static void capabilities_are_asked(void **state)
{
	struct drm_caps caps;
	struct drm_file file;
	struct mock mock;

	open_mock(&mock, "vgem", &file);
	mock.caps = DRM_PRIME_CAP_EXPORT;
	drm_caps_ask(&file, &caps);
	assert_true(caps.dumb_buffer && caps.prime_export && caps.flink);
	assert_false(caps.prime_import || caps.syncobj || caps.syncobj_timeline || caps.modeset);
	mock.fail_request = DRM_IOCTL_GEM_OPEN;
	mock.fail_error = -EACCES;
	drm_caps_ask(&file, &caps);
	assert_false(caps.flink);
	mock.fail_request = DRM_IOCTL_GET_CAP;
	drm_caps_ask(&file, &caps);
	assert_false(caps.dumb_buffer || caps.prime_export);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver_makes_a_buffer),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(unknown_driver_has_dumb_buffers),
		cmocka_unit_test(errors_leave_results_alone),
		cmocka_unit_test(too_large_is_refused),
		cmocka_unit_test(i915_maps_by_placement),
		cmocka_unit_test(amdgpu_uses_system_memory),
		cmocka_unit_test(xe_asks_for_system_memory),
		cmocka_unit_test(xe_distrusts_its_regions),
		cmocka_unit_test(opening_can_fail),
		cmocka_unit_test(capabilities_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
