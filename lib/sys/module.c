// SPDX-License-Identifier: MIT
#include "sys/module.h"

#include <dirent.h>
#include <errno.h>
#include <libkmod.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/file.h"

/* libkmod would write to stderr what is the caller's to tell. */
static void no_log(void *data, int priority, const char *file, int line, const char *fn,
		   const char *format, va_list args)
{
}

static struct kmod_ctx *new_context(void)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);

	if (ctx)
		kmod_set_log_fn(ctx, no_log, NULL);
	return ctx;
}

static int module_load(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *entry;
	int ret;

	ret = kmod_module_new_from_lookup(ctx, name, &list);
	if (ret < 0)
		return ret;
	ret = list ? 0 : -ENOENT;
	kmod_list_foreach(entry, list)
	{
		struct kmod_module *module = kmod_module_get_module(entry);

		ret = kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
		kmod_module_unref(module);
		if (ret)
			break;
	}
	kmod_module_unref_list(list);
	return ret > 0 ? -EPERM : ret; /* > 0: stopped by a blacklist */
}

int sys_module_load(const char *name)
{
	struct kmod_ctx *ctx = new_context();
	int ret;

	if (!ctx)
		return -ENOMEM;
	ret = module_load(ctx, name);
	kmod_unref(ctx);
	return ret;
}

int sys_module_unload(const char *name)
{
	struct kmod_ctx *ctx = new_context();
	struct kmod_module *module;
	int ret;

	if (!ctx)
		return -ENOMEM;
	ret = kmod_module_new_from_name(ctx, name, &module);
	if (!ret) {
		ret = kmod_module_remove_module(module, 0);
		kmod_module_unref(module);
	}
	kmod_unref(ctx);
	return ret;
}

/* sysfs spells every '-' of a module's name '_'. */
static void sysfs_path(const char *name, const char *file, char *buf, size_t size)
{
	int prefix = snprintf(buf, size, "/sys/module/");

	snprintf(buf + prefix, size - prefix, "%s%s", name, file);
	for (size_t i = prefix; buf[i] && i < prefix + strlen(name); i++)
		if (buf[i] == '-')
			buf[i] = '_';
}

int sys_module_refcnt(const char *name)
{
	char path[128];
	long long value;
	int ret;

	sysfs_path(name, "/refcnt", path, sizeof(path));
	ret = sys_read_number(path, &value);
	if (!ret)
		return value < 0 || value > INT_MAX ? -ERANGE : (int)value;
	sysfs_path(name, "", path, sizeof(path));
	return ret == -ENOENT && !access(path, F_OK) ? -EOPNOTSUPP : ret;
}

static int list_names(DIR *dir, char *buf, size_t size)
{
	const struct dirent *entry;
	size_t used = 0;
	int count = 0;

	buf[0] = '\0';
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		used += snprintf(buf + used, size - used, "%s%s", count ? " " : "", entry->d_name);
		if (used >= size)
			return -EFBIG;
		count++;
	}
	return count;
}

int sys_module_holders(const char *name, char *buf, size_t size)
{
	int ret = sys_module_refcnt(name);
	char path[128];
	DIR *dir;

	if (ret < 0)
		return ret;
	sysfs_path(name, "/holders", path, sizeof(path));
	dir = opendir(path);
	if (!dir)
		return -errno;
	ret = list_names(dir, buf, size);
	closedir(dir);
	return ret;
}

int sys_device_module(const char *device, char *buf, size_t size)
{
	char path[PATH_MAX], real[PATH_MAX];

	snprintf(path, sizeof(path), "%s/driver/module", device);
	if (!realpath(path, real))
		return -errno;
	return snprintf(buf, size, "%s", strrchr(real, '/') + 1) < (int)size ? 0 : -ENAMETOOLONG;
}
