// SPDX-License-Identifier: MIT
#include "kbuild/flavour.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <string.h>

static const struct flavour flavours[] = {
	{ "kasan",
	  "memory errors, lock order, leaks",
	  { "base.config", "drm.config", "debug.config", "kasan.config" } },
	{ "kcsan", "data races", { "base.config", "drm.config", "debug.config", "kcsan.config" } },
};
#define FLAVOUR_COUNT (sizeof(flavours) / sizeof(*flavours))

const struct flavour *flavour_at(size_t i)
{
	return i < FLAVOUR_COUNT ? &flavours[i] : NULL;
}

int flavour_find(const char *name, const struct flavour **ret, struct diag *d)
{
	char names[128] = "";

	for (size_t i = 0; i < FLAVOUR_COUNT; i++) {
		if (!strcmp(flavours[i].name, name ? name : FLAVOUR_DEFAULT)) {
			*ret = &flavours[i];
			return 0;
		}
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? " or " : "", flavours[i].name);
	}
	return diag_set(d, GEMRACE_USAGE, EINVAL, "--flavour '%s': expected %s", name, names);
}

static int load(const char *path, const char *name, struct kernel_version version,
		struct fragment *f, struct diag *d)
{
	_cleanup_free_ char *text = NULL;
	int err = file_read(path, &text, NULL);

	if (err)
		return diag_set(d, GEMRACE_USAGE, -err, "fragment '%s': %s", path, strerror(-err));
	return fragment_add(f, name, text, version, d);
}

int flavour_load(const struct flavour *flavour, const char *folder, const char *const *more,
		 struct kernel_version version, struct fragment *ret, struct diag *d)
{
	int err = 0;

	for (size_t i = 0; flavour->files[i] && !err; i++) {
		_cleanup_free_ char *path = text_printf("%s/%s", folder, flavour->files[i]);

		if (!path)
			return diag_set(d, GEMRACE_HARNESS, ENOMEM, "out of memory");
		err = load(path, flavour->files[i], version, ret, d);
	}
	for (; more && *more && !err; more++)
		err = load(*more, *more, version, ret, d);
	return err;
}
