// SPDX-License-Identifier: MIT
/* What --device takes, what it refuses, and which devices it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drm/device.h"

static const struct drm_device_list machine = {
	.count = 5,
	.device = {
		{ .primary = "/dev/dri/card0", .render = "/dev/dri/renderD128", .card = 0,
		  .sys = "/sys/devices/platform/vgem", .driver = "vgem" },
		{ .primary = "/dev/dri/card1", .render = "/dev/dri/renderD129", .card = 1,
		  .sys = "/sys/devices/pci0000:00/0000:00:02.0", .driver = "i915",
		  .pci_vendor = 0x8086, .pci_device = 0x3e92 },
		{ .primary = "/dev/dri/card2", .card = 2, .driver = "bochs-drm",
		  .sys = "/sys/devices/pci0000:00/0000:00:03.0",
		  .pci_vendor = 0x1234, .pci_device = 0x1111 },
		{ .primary = "/dev/dri/card3", .card = 3, .driver = "virtio_gpu",
		  .sys = "/sys/devices/pci0000:00/0000:00:04.0/virtio1" },
		{ .primary = "/dev/dri/card4", .card = 4, .driver = "i915",
		  .sys = "/sys/devices/pci0000:00/0000:03:00.0",
		  .pci_vendor = 0x8086, .pci_device = 0x56a0 },
	},
};

/* The cards that are left, as digits. */
static void expect(const char *text, const char *force, const char *cards)
{
	struct drm_device_list list = machine;
	struct drm_filter filter = { 0 };
	char left[16] = "", error[160] = "";

	if (text)
		assert_int_equal(drm_filter_parse(text, &filter, error, sizeof(error)), 0);
	drm_filter_apply(&filter, force, &list);
	for (size_t i = 0; i < list.count; i++)
		snprintf(left + i, sizeof(left) - i, "%d", list.device[i].card);
	assert_string_equal(left, cards);
}

static void filters_pick_devices(void **state)
{
	expect(NULL, NULL, "01234");
	expect("drm:/dev/dri/card2", NULL, "2");
	expect("/dev/dri/card2", NULL, "2");
	expect("drm:/dev/dri/renderD129", NULL, "1");
	expect("sys:/sys/devices/platform/vgem", NULL, "0");
	expect("sys:/sys/devices/platform/vgem/", NULL, "0");
	expect("sys:/sys/devices/pci0000:00/0000:00:04.0", NULL, "3");
	expect("sys:/sys/devices/pci0000:00/0000:00:0", NULL, "");
	expect("/sys/devices/platform", NULL, "0");
	expect("vgem", NULL, "0");
	expect("driver:vgem", NULL, "0");
	expect("virtio-gpu", NULL, "3");
	expect("virtio_gpu", NULL, "3");
	expect("bochs", NULL, "2");
	expect("vge", NULL, "");
	expect("pci:vendor=8086", NULL, "14");
	expect("pci:vendor=intel", NULL, "14");
	expect("pci:vendor=8086,device=56a0", NULL, "4");
	expect("pci:vendor=Intel,card=1", NULL, "4");
	expect("pci:vendor=Intel,card=2", NULL, "");
	expect("pci:card=0", NULL, "1");
	expect("pci:card=all", NULL, "124");
	expect("pci:device=0x1111", NULL, "2");
	expect("vgem;bochs", NULL, "02");
	expect("bochs;bochs;vgem;", NULL, "02");
}

static void forced_driver_narrows(void **state)
{
	expect(NULL, "vgem", "0");
	expect(NULL, "xe", "");
	expect("pci:card=all", "bochs-drm", "2");
	expect("vgem", "i915", "");
}

static void malformed_filters_say_why(void **state)
{
	static const char *const table[] = {
		"",
		";",
		"vgem;;bochs",
		"drm:",
		"drm:card0",
		"drm:/dev/fb0",
		"/dev/null",
		"sys:",
		"sys:/dev/dri/card0",
		"pci:",
		"pci:vendor",
		"pci:vendor=",
		"pci:vendor=zz",
		"pci:vendor=-1",
		"pci:vendor=12345",
		"pci:foo=1",
		"pci:card=",
		"pci:card=-1",
		"pci:card=1x",
		"pci:card=9999",
		"pci:vendor=8086,,",
		"driver:",
		"driver:a b",
		"vg em",
		"vgem\n",
		"sriov:vf=1",
		"driver:a-name-too-long-for-any-driver-there-is",
		"a;a;a;a;a;a;a;a;a",
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct drm_filter filter = { .count = 77 };
		char error[160] = "";

		if (drm_filter_parse(table[i], &filter, error, sizeof(error)) != -EINVAL)
			fail_msg("'%s' was taken", table[i]);
		assert_int_equal(filter.count, 77);
		assert_true(*error);
	}
}

static void long_filters_are_cut_in_messages(void **state)
{
	char text[4096], error[32];
	struct drm_filter filter;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "drm:/", 5);
	assert_int_equal(drm_filter_parse(text, &filter, error, sizeof(error)), -EINVAL);
	assert_true(strlen(error) < sizeof(error));
}

static void scanning_finds_what_is_there(void **state)
{
	struct drm_device_list list = { .count = 77 };

	/* nothing is known of the machine this runs on but that looking at it works */
	assert_int_equal(drm_device_scan(&drm_io_kernel, &list), 0);
	assert_true(list.count <= DRM_MAX_DEVICES);
	for (size_t i = 1; i < list.count; i++)
		assert_true(list.device[i - 1].card < list.device[i].card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_pick_devices),
		cmocka_unit_test(forced_driver_narrows),
		cmocka_unit_test(malformed_filters_say_why),
		cmocka_unit_test(long_filters_are_cut_in_messages),
		cmocka_unit_test(scanning_finds_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
