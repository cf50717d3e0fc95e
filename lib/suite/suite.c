// SPDX-License-Identifier: MIT
#include "suite/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "igt/result.h"
#include "igt/subtest.h"
#include "suite/accounts.h"
#include "suite/cries.h"
#include "suite/memory.h"
#include "sys/debugfs.h"
#include "sys/module.h"

static void invalid(const char *what, const char *error) __attribute__((noreturn));

static void invalid(const char *what, const char *error)
{
	igt_critical("%s%s\n", what, error);
	exit(IGT_EXIT_INVALID);
}

static void scan(struct drm_device_list *list)
{
	int ret = drm_device_scan(&drm_io_kernel, list);

	if (ret)
		igt_skip("cannot read /dev/dri: %s\n", strerror(-ret));
}

/* Set to nothing is the same as not set. */
static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static bool wants_vgem(const struct drm_filter *filter, const char *force)
{
	if (force)
		return !strcmp(force, "vgem");
	for (size_t i = 0; i < filter->count; i++)
		if (!strcmp(filter->term[i].driver, "vgem"))
			return true;
	return !filter->count;
}

/* Why nothing may match: a device that cannot be opened does not tell its driver. */
static const struct drm_device *first_unreadable(const struct drm_device_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->device[i].error)
			return &list->device[i];
	return NULL;
}

/*
 * An explicit wish that nothing matches is a skip, as in IGT: a list of tests is run on many
 * machines.
 */
static void pick_devices(struct suite *suite)
{
	const char *text = or_null(igt_device_filter());
	const char *force = or_null(getenv("IGT_FORCE_DRIVER"));
	struct drm_device_list all;
	const struct drm_device *unreadable;
	struct drm_filter filter = { 0 };
	char error[160];

	if (text && drm_filter_parse(text, &filter, error, sizeof(error)))
		invalid("device filter: ", error);
	scan(&all);
	suite->list = all;
	drm_filter_apply(&filter, force, &suite->list);
	if (!suite->list.count && wants_vgem(&filter, force) && !sys_module_load("vgem")) {
		scan(&all);
		suite->list = all;
		drm_filter_apply(&filter, force, &suite->list);
	}
	if (suite->list.count)
		return;
	if (!all.count)
		igt_skip("no DRM device on this machine\n");
	unreadable = first_unreadable(&all);
	if (unreadable)
		snprintf(error, sizeof(error), "; cannot open %s: %s", unreadable->primary,
			 strerror(-unreadable->error));
	igt_skip("none of %zu DRM devices matches%s%s%s%s%s\n", all.count, text ? " filter " : "",
		 text ? text : "", force ? " driver " : "", force ? force : "",
		 unreadable ? error : "");
}

static bool same_driver_twice(const struct suite *suite, const struct drm_device *device)
{
	for (size_t i = 0; i < suite->list.count; i++)
		if (&suite->list.device[i] != device &&
		    !strcmp(suite->list.device[i].driver, device->driver))
			return true;
	return false;
}

static void open_devices(struct suite *suite)
{
	const struct drm_device *broken = NULL;

	suite->count = 0;
	for (size_t i = 0; i < suite->list.count; i++) {
		const struct drm_device *device = &suite->list.device[i];
		struct suite_device *entry = &suite->device[suite->count];

		if (device->error) {
			broken = device;
			igt_info("Left out: %s: %s\n", device->primary, strerror(-device->error));
			continue;
		}
		entry->drm = device;
		if (same_driver_twice(suite, device))
			snprintf(entry->label, sizeof(entry->label), "%.25s-card%d", device->driver,
				 device->card);
		else
			snprintf(entry->label, sizeof(entry->label), "%s", device->driver);
		igt_info("Opened device: %s\n", device->primary);
		suite->count++;
	}
	if (!suite->count)
		igt_skip("cannot open %s: %s\n", broken->primary, strerror(-broken->error));
}

void suite_setup(struct suite *suite)
{
	char error[160], path[256];

	if (suite_settings_read(getenv, igt_seed(), &suite->settings, error, sizeof(error)))
		invalid("", error);
	pick_devices(suite);
	open_devices(suite);
	/* Without it the accounts cover less, and say so. */
	sys_debugfs_path(path, sizeof(path));
	/* First, so that it settles last: what the accounts wait for may cry. */
	suite_cries_install();
	if (suite->settings.kmemleak)
		suite_memory_install();
	if (!suite->unaccounted)
		suite_accounts_install(suite->settings.census);
}

void suite_on_each_device(const struct suite *suite, suite_device_test *test, const void *data)
{
	/* volatile: a dynamic subtest that ends early comes back here by longjmp() */
	for (volatile size_t i = 0; i < suite->count; i++)
		igt_dynamic(suite->device[i].label)
			test(suite, suite->device[i].drm, data);
}

void suite_run_row(const struct suite *suite, const struct drm_device *device, const void *row)
{
	((const struct suite_row *)row)->test(suite, device, NULL);
}
