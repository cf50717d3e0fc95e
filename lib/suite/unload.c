// SPDX-License-Identifier: MIT
#include "suite/unload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drm/file.h"
#include "igt/assert.h"
#include "sys/module.h"
#include "sys/waiting.h"

#define PAUSE_US 5000

static const char *const virtual_drivers[] = { "vgem", "vkms" };

static bool is_virtual(const struct drm_device *device)
{
	for (size_t i = 0; i < sizeof(virtual_drivers) / sizeof(virtual_drivers[0]); i++)
		if (!strcmp(device->driver, virtual_drivers[i]))
			return true;
	return false;
}

static bool device_is_there(const struct drm_device *device)
{
	struct drm_file file;
	bool there;

	if (__drm_file_open(&drm_io_kernel, device->primary, &file))
		return false;
	there = !strcmp(file.driver->name, device->driver) || !*file.driver->name;
	drm_file_close(&file);
	return there;
}

/* References go late: a closed file's by task work, an object's after a grace period. */
static int settle(const char *module)
{
	struct sys_wait wait = sys_wait_for(UNLOAD_SETTLE_MS, PAUSE_US);
	int refcnt;

	do
		refcnt = sys_module_refcnt(module);
	while (refcnt > 0 && sys_wait_again(&wait));
	return refcnt;
}

/*
 * Named like the driver, mostly. Else the device's: but vgem and vkms sit on no bus that would
 * tell, and virtio's PCI device belongs to virtio_pci.
 */
static void find_module(struct unload *unload)
{
	const struct drm_device *device = unload->device;

	snprintf(unload->module, sizeof(unload->module), "%s", device->driver);
	if (sys_module_refcnt(unload->module) < 0 &&
	    sys_device_module(device->sys, unload->module, sizeof(unload->module)))
		snprintf(unload->module, sizeof(unload->module), "%s", device->driver);
}

void unload_require(struct unload *unload, const struct drm_device *device)
{
	const char *destructive = getenv("GEMRACE_DESTRUCTIVE");
	char holders[200] = "";
	int refcnt;

	igt_require_f(geteuid() == 0, "unloading a module needs root\n");
	igt_require_f(is_virtual(device) || (destructive && *destructive == '1'),
		      "%s may be somebody's display, and GEMRACE_DESTRUCTIVE is not 1\n",
		      device->driver);
	unload->device = device;
	find_module(unload);
	if (sys_module_refcnt(unload->module) == -ENOENT)
		unload_put_back(unload);
	refcnt = settle(unload->module);
	igt_require_f(refcnt != -EOPNOTSUPP, "%s is built in\n", unload->module);
	igt_require_f(refcnt >= 0, "module %s: %s\n", unload->module, strerror(-refcnt));
	sys_module_holders(unload->module, holders, sizeof(holders));
	igt_require_f(refcnt == 0, "%s is in use already, %d times%s%s\n", unload->module, refcnt,
		      *holders ? ", by " : "", holders);
}

int unload_settle(const struct unload *unload)
{
	return settle(unload->module);
}

int __unload_try(const struct unload *unload)
{
	return sys_module_unload(unload->module);
}

void unload_module(const struct unload *unload)
{
	int refcnt = settle(unload->module), ret;

	igt_assert_f(refcnt == 0, "%s still has %d users %d ms after the last was closed\n",
		     unload->module, refcnt, UNLOAD_SETTLE_MS);
	ret = __unload_try(unload);
	igt_assert_f(ret == 0, "cannot unload %s, which nobody uses: %s\n", unload->module,
		     strerror(-ret));
}

void unload_is_refused(const struct unload *unload, const char *what)
{
	int refcnt = sys_module_refcnt(unload->module), ret;

	ret = __unload_try(unload);
	igt_assert_f(ret != 0, "%s went away under %s (it counted %d users)\n", unload->module,
		     what, refcnt);
	igt_assert_f(ret == -EAGAIN, "unloading %s under %s: %s instead of %s\n", unload->module,
		     what, strerror(-ret), strerror(EAGAIN));
	igt_assert_f(refcnt > 0, "%s counts %d users under %s\n", unload->module, refcnt, what);
}

static bool comes_back(const struct drm_device *device)
{
	struct sys_wait wait = sys_wait_for(UNLOAD_SETTLE_MS, PAUSE_US);

	do
		if (device_is_there(device))
			return true;
	while (sys_wait_again(&wait));
	return false;
}

void unload_put_back(const struct unload *unload)
{
	int ret = sys_module_load(unload->module);

	igt_assert_f(ret == 0, "cannot load %s again: %s\n", unload->module, strerror(-ret));
	igt_assert_f(comes_back(unload->device), "%s is not back %d ms after %s was loaded\n",
		     unload->device->primary, UNLOAD_SETTLE_MS, unload->module);
}

/* Takes the users first. Modules know no cycles, and drm's tree is a few levels deep. */
static int unload_tree(const char *module, char *why, size_t size)
{
	char holders[400], *save = NULL;
	int ret = sys_module_holders(module, holders, sizeof(holders));

	if (ret == -ENOENT)
		return 0;
	for (char *name = strtok_r(holders, " ", &save); ret > 0 && name;
	     name = strtok_r(NULL, " ", &save)) {
		int err = unload_tree(name, why, size);

		if (err)
			return err;
	}
	if (ret >= 0) {
		settle(module);
		ret = sys_module_unload(module);
	}
	if (ret)
		snprintf(why, size, "%s: %s", module,
			 ret == -EOPNOTSUPP ? "built in" : strerror(-ret));
	return ret;
}

int unload_drm(char *why, size_t size)
{
	return unload_tree("drm", why, size);
}
