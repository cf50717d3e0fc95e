// SPDX-License-Identifier: MIT
#include "sys/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/debugfs.h"
#include "sys/file.h"

static const struct {
	const char *path, *value;
} settings[SYS_FAULT_SETTINGS] = {
	{ "failslab/ignore-gfp-wait", "N" },
	{ "failslab/cache-filter", "N" },
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "fail_page_alloc/min-order", "0" },
	{ "fail_page_alloc/verbose", "0" },
	{ "fail_usercopy/verbose", "0" },
};

static int change(struct sys_fault *fault, const char *root, unsigned int i)
{
	int ret;

	snprintf(fault->saved[i].path, sizeof(fault->saved[i].path), "%.100s/%s", root,
		 settings[i].path);
	ret = sys_read_file(fault->saved[i].path, fault->saved[i].value,
			    sizeof(fault->saved[i].value));
	if (ret < 0) {
		fault->saved[i].value[0] = '\0';
		return ret;
	}
	return sys_write_file(fault->saved[i].path, settings[i].value);
}

int sys_fault_open(struct sys_fault *fault)
{
	char root[256];
	int ret;

	*fault = (struct sys_fault){ .nth = -1 };
	fault->nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fault->nth < 0)
		return -errno;
	ret = sys_debugfs_path(root, sizeof(root));
	for (unsigned int i = 0; !ret && i < SYS_FAULT_SETTINGS; i++) {
		ret = change(fault, root, i);
		/* Only slab allocations are indispensable. */
		if (ret && strncmp(settings[i].path, "failslab/", strlen("failslab/")))
			ret = 0;
		if (ret)
			fault->debugfs_error = settings[i].path;
	}
	if (ret)
		sys_fault_close(fault);
	return ret;
}

void sys_fault_close(struct sys_fault *fault)
{
	for (unsigned int i = 0; i < SYS_FAULT_SETTINGS; i++)
		if (fault->saved[i].value[0])
			sys_write_file(fault->saved[i].path, fault->saved[i].value);
	memset(fault->saved, 0, sizeof(fault->saved));
	sys_closep(&fault->nth);
}

int sys_fault_arm(struct sys_fault *fault, unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	return pwrite(fault->nth, text, length, 0) < 0 ? -errno : 0;
}

/*
 * Reading copies to user space and writing from there: where those count, one of the two may be the
 * n-th, and is then refused. The read tells what was left before it, so that a refusal means that
 * the call did not get there.
 */
int sys_fault_disarm(struct sys_fault *fault, bool *ret_injected)
{
	char text[16] = "";
	ssize_t n = pread(fault->nth, text, sizeof(text) - 1, 0);
	int ret;

	if (n < 0 && errno != EFAULT)
		return -errno;
	ret = sys_fault_arm(fault, 0);
	if (ret == -EFAULT)
		ret = sys_fault_arm(fault, 0);
	if (ret)
		return ret;
	*ret_injected = n > 0 && text[0] == '0';
	return 0;
}
