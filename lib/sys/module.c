// SPDX-License-Identifier: MIT
#include "sys/module.h"

#include <errno.h>
#include <libkmod.h>
#include <stddef.h>

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
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	int ret;

	if (!ctx)
		return -ENOMEM;
	ret = module_load(ctx, name);
	kmod_unref(ctx);
	return ret;
}
