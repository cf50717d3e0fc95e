/* SPDX-License-Identifier: MIT */
#ifndef SUITE_SUITE_H
#define SUITE_SUITE_H

#include <stdbool.h>

#include "drm/device.h"
#include "igt/subtest.h"
#include "suite/settings.h"

/**
 * struct suite - what every test of the suite starts from
 *
 *	igt_main
 *	{
 *		struct suite suite = { 0 };
 *
 *		igt_fixture
 *			suite_setup(&suite);
 *
 *		igt_subtest_with_dynamic("flink-vs-close")
 *			suite_on_each_device(&suite, flink_vs_close, NULL);
 *	}
 */
struct suite {
	/**
	 * Set before suite_setup(): no accounts are kept, for reading them may be the kernel's end.
	 * Their sources ask fences for names, and take locks that a subtest may leave held.
	 */
	bool unaccounted;
	struct suite_settings settings;
	struct drm_device_list list;
	size_t count;
	struct suite_device {
		const struct drm_device *drm;
		char label[40]; /**< the driver's name; with the card's where there are several */
	} device[DRM_MAX_DEVICES];
};

/**
 * The fixture: reads the settings, picks the devices (--device, IGT_DEVICE, IGT_FORCE_DRIVER; else
 * all), loads vgem where it is welcome and nothing else matches, says which were picked, and has
 * the accounts kept around every subtest. Keeps no drm file open.
 *
 * Skips when no device is left. Ends the process with exit code 79 and one line on stderr when a
 * setting or the filter is malformed.
 */
void suite_setup(struct suite *suite);

/** What a subtest does on one device. @data: the caller's. */
typedef void suite_device_test(const struct suite *suite, const struct drm_device *device,
			       const void *data);

/** Runs @test on each device, each as a dynamic subtest that bears the device's label. */
void suite_on_each_device(const struct suite *suite, suite_device_test *test, const void *data);

/**
 * In igt_main: a subtest for each row of the array @table, named by the row's .name, that runs
 * @test on each device with the row as its data.
 */
#define suite_subtests(suite, table, test)                                                         \
	for (volatile size_t suite_row = 0; suite_row < sizeof(table) / sizeof((table)[0]);        \
	     suite_row++)                                                                          \
		igt_subtest_with_dynamic((table)[suite_row].name)                                  \
	suite_on_each_device(suite, test, &(table)[suite_row])

/** A row for suite_subtests() with suite_run_row() as its test: a test of its own. */
struct suite_row {
	const char *name;
	suite_device_test *test; /* its data is NULL */
};

suite_device_test suite_run_row;

#endif
